// Runs on XS: whether the reader made of lines and strings reads the recorded file of argv[2] bytes with only argv[0] slots and
// argv[1] chunk bytes left, as test/engine/least-heap.js asks of simstrap. The recording lies outside of what it may use.

import { playNaive, recordNaive } from "./conversation.mjs";

const size = Number(argv[2]);
const recorded = await recordNaive(size);
const freeSlots = Number(argv[0]);
const freeChunkBytes = Number(argv[1]);
limit(freeSlots, freeChunkBytes);
const file = await playNaive(recorded.turns);
limit();
print(file.length === size ? 0 : 1);
