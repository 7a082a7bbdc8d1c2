// Light, dark, or as the system has it. Kept for the next visit.
export type Theme = 'system' | 'light' | 'dark'

const KEY = 'stepwell.theme'
const themes: Theme[] = ['system', 'light', 'dark']

class Choice {
  theme = $state<Theme>(themes.find((theme) => theme === localStorage.getItem(KEY)) ?? 'system')

  constructor() {
    this.apply()
  }

  next() {
    this.theme = themes[(themes.indexOf(this.theme) + 1) % themes.length] ?? 'system'
    localStorage.setItem(KEY, this.theme)
    this.apply()
  }

  private apply() {
    if (this.theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = this.theme
  }
}

export const choice = new Choice()
