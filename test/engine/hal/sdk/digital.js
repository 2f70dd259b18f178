// The SDK's digital module: what the world next to it has.
export { Digital as default } from "./world.js";
