// The SDK's time module: what the world next to it has.
export { Time as default } from "./world.js";
