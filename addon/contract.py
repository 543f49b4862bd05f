"""The addon as a script: mitmdump -s addon/contract.py"""

from cloudmock_contract.proxy.addon import ContractAddon

addons = [ContractAddon()]
