"""The permission document: what each role may do, cell by cell, and what each scope of a token lets through.

What the cells mean stands in registry/access.py, which asks the questions of it.
"""

ROLES = ("DEV", "RISK", "PRIV", "APPR", "PUB", "AUD", "ADM")

TABLE = """
model.view                ● ● ● ● ● ● -
model.create              ● ● - - - - -
model.edit                ○ D - - - - -
model.assign_owner        - ● - - - - -
model.transfer_unit       - S - - - - -
model.retire_request      ○ ● - - - - -
model.retire_confirm      - - - S - - -
model.delete              ○D - - - - - -
card.edit                 ○ - - - - - -
card.comment              ● ● ● ● ● - -
lineage.edit              ○ - - - - - -
artifact.upload           ○ - - - - - -
artifact.download         ○ - - - - F -
dataset.upload            ○ - ○ - - - -
dataset.download_raw      ○ - ● - - F -
dataset.view              ● ● ● ● - ● -
catalogue.edit            ○ ● - - - - -
catalogue.decide          - S - - - - -
check.run                 ○ ● - - - - -
check.view                ● ● ● ● ● ● -
check.request_exception   ○ ● ● - - - -
check.accept_exception    - S - S - - -
register.edit             ○ ● ● ● - - -
register.approve          - S S S - - -
thresholds.edit           - S - - - - -
thresholds.approve        - - - S - - -
plan.edit                 ○ ● - - - - -
plan.approve              - S - - - - -
pia.edit                  ○ - ● - - - -
pia.sign_off              - - S - - - -
pia.view                  ○ ● ● ● - ● -
risk.edit                 ○ ● ● - - - -
risk.accept               - S - S - - -
risk.view                 ● ● ● ● ● ● -
incident.report           ● ● ● ● ● - ●
incident.manage           - ● ● - - - -
incident.close            - S S - - - -
incident.view             ○ ● ● ● - ● -
approval.submit           ○ - - - - - -
approval.withdraw         ○ - - - - - -
approval.decide           - S S S - - -
approval.revoke           - ● ● ● - - -
meeting.hold              - ● - ● - - -
publish                   - - - - S - -
unpublish                 - ● - - ● - -
report.generate           ○ ● ● - ● ● -
pack.generate             - ● - - ● ● -
desk.write                - ● - - - ● -
audit.view                ○ ● ● ● - ● -
audit.verify              ● ● ● ● ● ● ●
log.witness               - - - - - - ●
people.manage             - - - - - - ●
grant.confirm             - S - - - - S
token.create              ● ● ● ● ● ● ●
settings.change           - - - - - - S
backup.make               - - - - - - ●
webhook.manage            - - - - - - ●
erase.request             - - ● - - - -
erase.confirm             - S S - - - -
deployment.start          - - - - ● - -
deployment.stop           ○ ● - - ● - -
deployment.report         ○ ● - - ● - -
"""
MATRIX: dict[str, dict[str, str]] = {
    words[0]: dict(zip(ROLES, words[1:], strict=True))
    for words in (line.split() for line in TABLE.strip().splitlines())
}

SCOPES: dict[str, frozenset[str]] = {
    words[0]: frozenset(words[1:])
    for words in (
        line.split()
        for line in """
models:read   model.view dataset.view check.view pia.view risk.view incident.view
models:write  model.view dataset.view model.create model.edit card.edit lineage.edit artifact.upload dataset.upload approval.submit approval.withdraw check.request_exception register.edit
checks:run    model.view dataset.view check.view dataset.upload check.run
evidence:read model.view dataset.view check.view
risks:write   model.view pia.view risk.view pia.edit risk.edit
incidents:write model.view incident.view incident.report incident.manage
reports:read  model.view report.generate pack.generate
audit:read    audit.view audit.verify
log:witness   log.witness
calendar:read model.view
deployments:report  model.view deployment.report
""".strip().splitlines()
    )
}
