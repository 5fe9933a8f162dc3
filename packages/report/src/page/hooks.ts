import { useLayoutEffect, useState } from "preact/hooks";

/**
 * The width in pixels of the element that is given the returned `ref`, now and whenever it changes; 0
 * while there is none.
 */
export function useWidth() {
  const [element, ref] = useState<HTMLElement | null>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (element === null) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return { ref, width };
}

/** The props of something that is pressed by mouse, Enter or Space. `label` is what is read out. */
export function pressable(label: string, press: () => void) {
  return {
    role: "button" as const,
    // In lower case: elements of SVG know no other.
    tabindex: 0,
    "aria-label": label,
    onClick: (event: Event) => {
      event.stopPropagation();
      press();
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      press();
    },
  };
}
