import { t } from '../i18n/index.ts'
import { language, languages, theme, themes } from '../settings.ts'

const names = { en: 'English', ja: '日本語' }

/** Language and colours; each language is named in itself. */
export function Settings() {
  return (
    <div class="settings">
      <label>
        <span>{t().settings.language}</span>
        <select
          value={language.value}
          onChange={event => {
            language.value = event.currentTarget.value as never
          }}
        >
          {languages.map(tag => (
            <option key={tag} value={tag} lang={tag}>
              {names[tag]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t().settings.theme}</span>
        <select
          value={theme.value}
          onChange={event => {
            theme.value = event.currentTarget.value as never
          }}
        >
          {themes.map(name => (
            <option key={name} value={name}>
              {t().settings[name]}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}
