// The SDK's key-value module: what the world next to it has.
export { storage as default } from "./world.js";
