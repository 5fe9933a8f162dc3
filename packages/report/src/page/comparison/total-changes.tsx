import { visible } from "@opcounter/ir/core";
import { exactChange, exactly, percentMore } from "../format.ts";
import { useComparison } from "./comparison-store.ts";

/** Every total in every digit; with passes, what each of them changed, which adds up. */
export function TotalChanges() {
  const { a, b, totals, passes } = useComparison().document;
  const [before, after] = a.model === b.model ? ["before", "after"] : [a.model, b.model];
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Totals">
      <table class="list totals">
        <thead>
          <tr>
            <th scope="col">total</th>
            <th scope="col" class="number">
              {visible(before)}
            </th>
            {passes.map(({ pass }, index) => (
              <th key={String(index)} scope="col" class="number">
                {visible(pass)}
              </th>
            ))}
            <th scope="col" class="number">
              {visible(after)}
            </th>
            <th scope="col" class="number">
              change
            </th>
            <th scope="col" class="number">
              percent
            </th>
          </tr>
        </thead>
        <tbody>
          {totals.map(({ id, title, unit, a, b, delta, percent }, place) => (
            <tr key={id} class={a === b ? "dim" : ""} data-total={id}>
              <th scope="row">{visible(title)}</th>
              <td class="number">{exactly(a, unit)}</td>
              {passes.map(({ deltas }, index) => (
                <td key={String(index)} class="number">
                  {exactChange(deltas[place] ?? null, unit)}
                </td>
              ))}
              <td class="number">{exactly(b, unit)}</td>
              <td class="number">{exactChange(delta, unit)}</td>
              <td class="number">{percentMore(percent)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
