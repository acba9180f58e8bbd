"""The contract: topics, messages, codecs; everyone imports it, it imports nothing of ours."""
