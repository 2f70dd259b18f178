export { Time as default } from "./world.js";
