import { visible } from "@opcounter/ir/core";
import { useStore, type View } from "./store.ts";

/** The views whose areas, lengths or order are a quantity's. */
export const SHOWING: ReadonlySet<View> = new Set(["map", "flame", "layers", "graph"]);

/** The choice of the quantity that the view shows. */
export function Picker() {
  const store = useStore();
  if (!SHOWING.has(store.view.value)) return null;
  return (
    <QuantityPicker
      quantities={store.quantities.value.map(({ id, title, total }) => {
        return { id, title, isUnknown: total === null };
      })}
      chosen={store.quantity.value.id}
      onPick={(id) => {
        store.quantityId.value = id;
      }}
    />
  );
}

interface QuantityPickerProps {
  readonly quantities: readonly { id: string; title: string; isUnknown?: boolean }[];
  readonly chosen: string;
  readonly onPick: (id: string) => void;
}

/** A choice among quantities. One whose total is not known cannot be chosen. */
export function QuantityPicker({ quantities, chosen, onPick }: QuantityPickerProps) {
  return (
    <label class="field">
      <span>Show</span>
      <select
        name="quantity"
        value={chosen}
        onChange={({ currentTarget }) => onPick(currentTarget.value)}
      >
        {quantities.map(({ id, title, isUnknown = false }) => (
          <option key={id} value={id} disabled={isUnknown}>
            {visible(title)}
          </option>
        ))}
      </select>
    </label>
  );
}
