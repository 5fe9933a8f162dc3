import { useRef } from "preact/hooks";
import type { Source } from "./run.ts";

/** What the fields say. */
export interface Named {
  readonly zoo: string;
  readonly address: string;
}

interface PickerProps {
  readonly named: Named;
  readonly onName: (named: Named) => void;
  readonly onChoose: (source: Source) => void;
}

/** The three ways to name a model. */
export function Pickers(props: PickerProps) {
  return (
    <div class="pickers">
      <Zoo {...props} />
      <Address {...props} />
      <Files {...props} />
    </div>
  );
}

/** The models of the zoo, which the build writes here: the page loads none of them. */
declare const ZOO_NAMES: readonly string[];

/** Models to begin with. */
const KNOWN = ["resnet50", "vit_b_16", "gpt2"];

function Zoo({ named, onName, onChoose }: PickerProps) {
  return (
    <form
      class="picker"
      onSubmit={(event) => {
        event.preventDefault();
        onChoose({ kind: "zoo", name: named.zoo });
      }}
    >
      <label for="zoo">A model of the zoo</label>
      <div class="line">
        <select
          id="zoo"
          value={named.zoo}
          onChange={({ currentTarget }) => onName({ ...named, zoo: currentTarget.value })}
        >
          {[...new Set([...ZOO_NAMES, named.zoo])].map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
        <button type="submit" class="main-button">
          Profile
        </button>
      </div>
      <p>
        Published architectures, such as{" "}
        {KNOWN.map((name, index) => (
          <>
            {index > 0 && ", "}
            <a href={`?model=${name}`}>{name}</a>
          </>
        ))}
        .
      </p>
    </form>
  );
}

const EXAMPLE = "npm:@spotify/basic-pitch/model/model.json";

function Address({ named, onName, onChoose }: PickerProps) {
  const name = (address: string) => onName({ ...named, address });
  return (
    <form
      class="picker"
      onSubmit={(event) => {
        event.preventDefault();
        onChoose({ kind: "address", address: named.address.trim() });
      }}
    >
      <label for="address">An npm package or an address</label>
      <div class="line">
        <input
          id="address"
          type="text"
          required
          placeholder={EXAMPLE}
          pattern="\s*(npm:|https?://).+"
          title="npm:package/path/model.json, or an address that begins with https://"
          autocomplete="url"
          spellcheck={false}
          value={named.address}
          onInput={({ currentTarget }) => name(currentTarget.value)}
        />
        <button type="submit" class="main-button">
          Profile
        </button>
      </div>
      <p>
        Try{" "}
        <button type="button" class="link" onClick={() => name(EXAMPLE)}>
          basic-pitch
        </button>
        . An address must let other pages read it.
      </p>
    </form>
  );
}

function Files({ onChoose }: Pick<PickerProps, "onChoose">) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div class="picker">
      <label for="files">Your own model</label>
      <div class="line">
        <input
          ref={input}
          id="files"
          class="hidden"
          type="file"
          multiple
          onChange={({ currentTarget }) => {
            const files = [...(currentTarget.files ?? [])];
            // The same files, chosen again, are a change too.
            currentTarget.value = "";
            if (files.length > 0) onChoose({ kind: "files", files });
          }}
        />
        <button type="button" class="drop" onClick={() => input.current?.click()}>
          Drop files, or choose them
        </button>
      </div>
      <p>
        A <code>model.json</code> with its weight files. They stay on this machine.
      </p>
    </div>
  );
}
