// Who the user is, where the server asks. The secret stays in this tab's memory: a reload asks for it again, and
// nothing of it is kept on the machine.
export interface Keys {
  accessKey: string
  secret: string
  region: string
}

class Door {
  // The server has refused what came without a signature, or with a wrong one.
  isShut = $state(false)
  // Why, in the server's words.
  why = $state('')
  keys = $state.raw<Keys | undefined>(undefined)

  open(keys: Keys) {
    this.keys = keys
    this.isShut = false
  }

  shut(why: string) {
    this.keys = undefined
    this.why = why
    this.isShut = true
  }
}

export const door = new Door()
