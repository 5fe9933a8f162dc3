import type { ReportDocument } from "@opcounter/report";
import { useEffect, useRef, useState } from "preact/hooks";

/** The report of a run. What draws it is loaded when there is one. */
export function Report({ document }: { readonly document: ReportDocument }) {
  const place = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let takeAway = () => {};
    let isGone = false;
    import("@opcounter/report/page").then(
      ({ mount }) => {
        if (isGone || place.current === null) return;
        takeAway = mount(place.current, document, { linksAddress: true });
        place.current.scrollIntoView({ block: "start" });
      },
      () => setFailed(true),
    );
    return () => {
      isGone = true;
      takeAway();
    };
  }, [document]);
  if (failed) return <p role="alert">What draws the report cannot be loaded; try again.</p>;
  return <section class="report" aria-label="Report" ref={place} />;
}
