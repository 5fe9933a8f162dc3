/** The program of a file that `reportHtml` makes. The build writes it, as `dist/script.js`. */
export declare const script: string;
