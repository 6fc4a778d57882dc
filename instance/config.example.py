"""Settings of this installation: copy to config.py beside it and change what you need.

A variable in the environment comes first: PUBLIC_URL here is COFFER_PUBLIC_URL there, and
DATABASE_URL is DATABASE_URL. `coffer settings` lists every setting with its meaning and source.
"""

# Links in mails begin with it; https:// also makes cookies secure.
PUBLIC_URL = "https://coffer.example.com"

# Left out, it is the SQLite file coffer.db in this folder.
DATABASE_URL = "postgresql://coffer:secret@localhost/coffer"

# Left out, mails are written to the folder mail/ beside this file.
MAIL_URL = "smtp+starttls://user:secret@smtp.example.com:587"
MAIL_FROM = "Coffer <coffer@example.com>"

# One reverse proxy stands in front, and its X-Forwarded headers are believed.
TRUSTED_PROXIES = 1

# There is a SECRET_KEY too. Left out, one is made on the first start and kept in the file
# secret_key beside this one, which is better than an example that everybody copies.
