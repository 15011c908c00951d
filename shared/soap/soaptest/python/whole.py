"""Reads the whole register in one call of GetAllDagtilbud, and prints its daginstitutioner with all that is below them.

Usage: whole.py BASE USER:SECRET VERSION
"""

import json
import sys

import requests
import zeep
from zeep.helpers import serialize_object

base, login, version = sys.argv[1:]
session = requests.Session()
session.auth = tuple(login.split(":"))
client = zeep.Client(f"{base}/soap/{version}/ExportService?wsdl", transport=zeep.Transport(session=session))
register = client.service.GetAllDagtilbud()
print(json.dumps(serialize_object(register.daginstitution, dict), ensure_ascii=False, default=lambda moment: moment.isoformat()))
