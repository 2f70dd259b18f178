// A modem and a card in software: what `npm start` talks to on a desktop, and the ground of every test.
export * from "./aes.js";
export * from "./bootstrap-card.js";
export * from "./bytes.js";
export * from "./card.js";
export * from "./drive.js";
export * from "./files.js";
export * from "./line.js";
export * from "./meddler.js";
export * from "./modem.js";
export * from "./modem-options.js";
export * from "./profile.js";
export * from "./random.js";
export * from "./secure.js";
