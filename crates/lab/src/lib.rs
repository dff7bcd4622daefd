//! A practice target: EDR, firewall, directory and mailbox by HTTP; records every act, fails on command.
