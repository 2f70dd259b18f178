export { Serial as default } from "./world.js";
