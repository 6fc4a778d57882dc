"""VERBS of mail: queue it in the verb's own transaction, deliver it afterwards."""
