export { Registers as default } from "./world.js";
