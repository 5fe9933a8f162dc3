import { visible } from "@opcounter/ir/core";
import type { ComponentChildren } from "preact";
import type { Quantity } from "../model/quantities.ts";

/** What stands where there is nothing to show: why, and how to get it. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

/** Said of a quantity whose parts do not add up, so that no area or length can be its. */
export function NoSum({ quantity: { title } }: { quantity: Quantity }) {
  return (
    <Empty>
      {visible(title)} of a whole is the most that a part has, not a sum. The ops can be sorted by
      it.
    </Empty>
  );
}
