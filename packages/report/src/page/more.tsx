/** Asks for more rows, where there are some. */
export function More({ count, show }: { readonly count: number; readonly show: () => void }) {
  if (count <= 0) return null;
  return (
    <p class="actions">
      <button type="button" onClick={show}>
        Show more: {count.toLocaleString("en")} are left
      </button>
    </p>
  );
}
