// Asks the keepers whether a dragon may come: here, a line on standard error.

import { randomUUID } from "node:crypto";

export const handler = async ({ dragon }) => {
  console.error(`to the dragon keepers: ${dragon} wants to be a dragon`);
  return { id: randomUUID() };
};
