// In which time zone times are shown: the browser's own, or UTC, as logs and other people have them. Kept for the next visit.
export type Zone = 'local' | 'UTC'

const KEY = 'stepwell.zone'

class Choice {
  zone = $state<Zone>(localStorage.getItem(KEY) === 'UTC' ? 'UTC' : 'local')

  next() {
    this.zone = this.zone === 'UTC' ? 'local' : 'UTC'
    localStorage.setItem(KEY, this.zone)
  }
}

export const times = new Choice()
export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone
