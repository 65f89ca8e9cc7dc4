import { describe, expect, test } from 'vitest'
import { type Change, heard, ofApache, ofNginx, told } from './some-web.ts'

describe('what is said in one place holds there', () => {
  test.each<readonly [string, readonly Change[], RegExp]>([
    [
      'web-dav',
      [
        [
          '24 SSL',
          '20 <Location /dav>\n21 Dav On\n22 Require all granted\n23 <LimitExcept GET>\n24 Require user a\n23 </LimitExcept>\n20 </Location>\n24 SSL',
        ],
      ],
      /^unknown Apache: whom it asks/,
    ],
    [
      'web-listing',
      [['24 SSL', '20 <Location /a>\n21 Options +Indexes\n20 </Location>\n24 SSL']],
      /line 20: <Location \/a> \| .*line 21: Options \+Indexes/,
    ],
  ])('for Apache, %s with %j', (id, changes, words) => expect(told(id, ofApache(...changes))).toMatch(words))

  test.each<readonly [string, readonly Change[], RegExp]>([
    [
      'web-version',
      [['location / {', 'location /a { server_tokens off; }\nlocation / {']],
      /^fail nginx: server_tokens is not set/,
    ],
    ['web-default', [['of /etc/nginx/sites-enabled/* /etc/nginx/sites-enabled/default\n', '']], /^notapplicable/],
    [
      'web-version',
      [['sites-enabled/* /etc/nginx/sites-enabled/default\n', 'sites-enabled/* /etc/nginx/gone\n']],
      /^unknown nginx: \/etc\/nginx\/gone was not read/,
    ],
  ])('for nginx, %s with %j', (id, changes, words) => {
    expect(told(id, ofNginx(...changes), heard('nginx', '0.0.0.0'))).toMatch(words)
  })
})
