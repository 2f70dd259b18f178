export { storage as default } from "./world.js";
