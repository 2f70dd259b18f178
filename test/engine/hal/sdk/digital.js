export { Digital as default } from "./world.js";
