"""The addon as a script: mitmdump -s addon/contract.py"""

from cloudmock_contract.proxy.standalone import StandaloneAddon

addons = [StandaloneAddon()]
