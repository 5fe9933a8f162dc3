import type { Run } from "./run.ts";

/** How a model is run. */
export type Settings = Pick<Run, "device" | "shapes">;

const DEVICES = [
  ["virtual", "Virtual", "computes nothing, counts everything"],
  ["gpu", "This browser's GPU", "times the pass too"],
] as const;

/** The choice of the device and of the inputs' shapes. */
export function SettingsLine({
  settings,
  onChange,
}: {
  readonly settings: Settings;
  readonly onChange: (settings: Settings) => void;
}) {
  const hasGpu = "gpu" in navigator;
  return (
    <div class="settings">
      <fieldset class="devices">
        <legend>Device</legend>
        {DEVICES.map(([device, name, what]) => {
          const isMissing = device === "gpu" && !hasGpu;
          return (
            <label key={device}>
              <input
                type="radio"
                name="device"
                value={device}
                checked={settings.device === device}
                disabled={isMissing}
                onChange={() => onChange({ ...settings, device })}
              />
              <span>
                {name} <small>{isMissing ? "needs WebGPU, which it lacks" : what}</small>
              </span>
            </label>
          );
        })}
      </fieldset>
      <label class="field">
        <span>Input shapes</span>
        <input
          type="text"
          name="shapes"
          placeholder="the model's own, or 1x224x224x3"
          autocomplete="off"
          spellcheck={false}
          value={settings.shapes}
          onInput={({ currentTarget }) => onChange({ ...settings, shapes: currentTarget.value })}
        />
      </label>
    </div>
  );
}
