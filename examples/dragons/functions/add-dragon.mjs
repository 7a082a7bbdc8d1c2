// Puts a dragon on the list: a small JSON file, the same that dragons.py reads.

import { readFile, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const file = join(process.env.DRAGONS_FOLDER || tmpdir(), "stepwell-dragons.json");
const KNOWN_FROM_THE_START = 1;
// The oldest make room, so that trying the example a thousand times does not fill a disk.
const DRAGONS_MAX = 100;

export const handler = async (event) => {
  const dragon = {
    dragon_name_str: event.dragon_name_str,
    family_str: event.family_str ?? "unknown",
    location_city_str: event.location_city_str ?? "unknown",
  };
  // A dragon that was put on the list is refused the next time. The example's inputs are for trying
  // again and again, so only those that ask to be remembered stay.
  const dragons = await load();
  if (event.remember) {
    dragons.push(dragon);
    await save(dragons.slice(-DRAGONS_MAX));
    return { number: KNOWN_FROM_THE_START + dragons.length, dragon };
  }
  return { number: KNOWN_FROM_THE_START + dragons.length + 1, dragon };
};

async function load() {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}

async function save(dragons) {
  // A reader sees the whole old list or the whole new one.
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(dragons, null, 2));
  await rename(draft, file);
}
