// The SDK's serial module: what the world next to it has.
export { Serial as default } from "./world.js";
