import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OpcounterError } from "@opcounter/ir";
import { expect } from "chai";
import { locate } from "./locate.ts";

function refusal(specifier: string): string {
  try {
    locate(specifier);
  } catch (error) {
    if (!(error instanceof OpcounterError)) throw error;
    expect(error.message).to.match(/^[^\n]+\.$/);
    return error.message;
  }
  throw new Error(`${specifier} was found`);
}

describe("a target that TensorFlow.js does not run", () => {
  const folder = mkdtempSync(join(tmpdir(), "opcounter-"));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string) => {
    const path = join(folder, name);
    writeFileSync(path, "x");
    return path;
  };

  const helps: Readonly<Record<string, string>> = {
    "m.h5": "--input_format keras ",
    "m.KERAS": '.export("saved_model"), then convert that with tensorflowjs_converter',
    "frozen.pb": "--input_format tf_frozen_model",
    "m.tflite": "TensorFlow Lite model",
    "m.onnx": " -o saved_model -osd, then convert that with tensorflowjs_converter",
    "m.pth": "export the model to ONNX with torch.onnx.export",
    "my net's.h5": "/my net'\\''s.h5' web_model",
    "m.zip": "unzip ",
    "m.tgz": "tar xf ",
    "m.tar.gz": "tar xf ",
    "group1-shard1of1.bin": "name the model.json that lists it",
  };
  for (const [name, help] of Object.entries(helps)) {
    it(`gets the sentence that helps: ${name}, on disk and at an address`, () => {
      const path = file(name);
      expect(refusal(path)).to.include(help).and.to.include(`${path} is a`);
      expect(refusal(`https://a.example/${name}?x=1`)).to.include(help);
      rmSync(path);
    });
  }

  it("may be a folder: a SavedModel, or one that holds models", () => {
    const saved = join(folder, "saved");
    mkdirSync(saved);
    writeFileSync(join(saved, "saved_model.pb"), "x");
    expect(refusal(saved)).to.include(`--input_format tf_saved_model ${saved} web_model`);
    expect(refusal(join(saved, "saved_model.pb"))).to.include(`tf_saved_model ${saved} web`);
    for (const name of ["a", "b"]) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "model.json"), "{}");
    }
    writeFileSync(join(folder, "face_model.json"), "{}");
    const message = refusal(folder);
    for (const model of ["a/model.json", "b/model.json", "face_model.json"]) {
      expect(message).to.include(join(folder, model));
    }
    mkdirSync(join(folder, "empty"));
    expect(refusal(join(folder, "empty"))).to.match(/holds no model\.json\.$/);
  });

  it("may be an address of a page, or no address", () => {
    for (const address of [
      "https://tfhub.dev/google/tfjs-model/imagenet/mobilenet_v2/1/default/1",
      "https://www.kaggle.com/models/google/mobilenet-v2",
    ]) {
      expect(refusal(address)).to.include("download the model's TensorFlow.js variation");
    }
    expect(refusal("https://")).to.include("is no address");
  });
});
