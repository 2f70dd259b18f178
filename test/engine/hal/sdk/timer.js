// The SDK's timer module: what the world next to it has.
export { Timer as default } from "./world.js";
