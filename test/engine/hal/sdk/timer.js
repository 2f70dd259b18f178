export { Timer as default } from "./world.js";
