import { visible } from "@opcounter/ir/core";
import { milliseconds, percent } from "../format.ts";
import { useStore } from "../store.ts";
import { Empty } from "./empty.tsx";

/** Where the time of a pass goes. */
export function Time() {
  const { account, times } = useStore().model.document;
  if (account === null && times === null) {
    return <Empty>The pass was not timed. Profile with --time to see where its time goes.</Empty>;
  }
  return (
    <>
      {account !== null && <Account />}
      {times !== null && <Times />}
    </>
  );
}

/** Parts that add up to the whole, as one bar and a list. */
function Account() {
  const { account } = useStore().model.document;
  if (account === null) return null;
  const { totalMs, parts } = account;
  return (
    <section class="section">
      <h3>{milliseconds(totalMs)} a pass</h3>
      <div class="stack" aria-hidden="true">
        {parts.map(({ name, ms }, index) => (
          <span key={name} data-part={index % 6} style={{ flexGrow: ms / totalMs }} />
        ))}
      </div>
      <table class="list">
        <tbody>
          {parts.map(({ name, ms, note }, index) => (
            <tr key={name}>
              <td>
                <span class="swatch" data-part={index % 6} aria-hidden="true" /> {visible(name)}{" "}
                <span class="dim">{visible(note)}</span>
              </td>
              <td class="number" title={`${ms} ms`}>
                {milliseconds(ms)}
              </td>
              <td class="number dim">{percent(ms, totalMs)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Sum</th>
            <td class="number" data-account-sum={parts.reduce((sum, { ms }) => sum + ms, 0)}>
              {milliseconds(parts.reduce((sum, { ms }) => sum + ms, 0))}
            </td>
            <td />
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

function Times() {
  const { times } = useStore().model.document;
  if (times === null) return null;
  const { runs, wallMs, gpuMs, cpuMs, readbackMs } = times;
  const rows: [string, number | null, string][] = [
    ["A pass", wallMs, "from the call to the end of the device's work"],
    ["On the device", gpuMs, "its dispatches together"],
    ["On the host", cpuMs, "inside kernels: shapes, uniforms, commands"],
    ["Reading back", readbackMs, "waiting for values that the program reads"],
  ];
  return (
    <section class="section">
      <h3>{runs === 1 ? "One timed run" : `Medians over ${runs} timed runs`}</h3>
      <table class="list">
        <tbody>
          {rows.map(([name, ms, note]) => (
            <tr key={name}>
              <td>
                {name} <span class="dim">{note}</span>
              </td>
              <td class="number">{ms === null ? "not measured" : milliseconds(ms)}</td>
              <td class="number dim">{ms === null ? "" : percent(ms, wallMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">Host and device work at the same time, so these need not add up.</p>
    </section>
  );
}
