import { reasonOf } from "@opcounter/ir/core";
import { attach } from "./overlay.ts";

try {
  attach();
} catch (error) {
  alert(reasonOf(error));
}
