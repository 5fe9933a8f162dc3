import { visible } from "@opcounter/ir/core";
import { useStore, type View } from "./store.ts";

/** The views whose areas, lengths or order are a quantity's. */
export const SHOWING: ReadonlySet<View> = new Set(["map", "flame", "layers", "graph"]);

/** The choice of the quantity that the view shows. */
export function Picker() {
  const store = useStore();
  if (!SHOWING.has(store.view.value)) return null;
  return (
    <label class="field">
      <span>Show</span>
      <select
        name="quantity"
        value={store.quantity.value.id}
        onChange={({ currentTarget }) => {
          store.quantityId.value = currentTarget.value;
        }}
      >
        {store.quantities.value.map(({ id, title, total }) => (
          <option key={id} value={id} disabled={total === null}>
            {visible(title)}
          </option>
        ))}
      </select>
    </label>
  );
}
