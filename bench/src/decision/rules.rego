# The rules of the pack of the Boston Police Department of 2025, written anew in Rego.
# An exception between provisions stands as the `not` at the end of the rule it takes from.
# The decision has the shape of Cedar's: allowed or not, and the rules that determined it.
package bailiwick

import rego.v1

default allow := false

allow if {
	count(forbidden) == 0
	count(permitted) > 0
}

grounds := forbidden if {
	count(forbidden) > 0
} else := permitted

decision := {"allow": allow, "grounds": grounds}

trafficking := {
	"human_trafficking", "child_exploitation", "drug_trafficking",
	"weapons_trafficking", "cybercrime",
}

permitted contains "8-usc-1373/a" if {
	input.action == "share"
	input.information == "immigration_status"
}

permitted contains "8-usc-1644/a" if {
	input.action == "share"
	input.information == "immigration_status"
}

permitted contains "8-usc-1357/g-1" if {
	input.action == "deputize"
	input.written_agreement
}

forbidden contains "lunn/civil-detainer" if {
	input.action == "hold"
	input.eligible_for_release
	input.basis == "detainer"
	not input.criminal_warrant
}

permitted contains "lunn/criminal-authority" if {
	input.action == "hold"
	input.criminal_warrant
}

forbidden contains "boston-trust-act/hold" if {
	input.action == "hold"
	input.eligible_for_release
	input.basis in {"detainer", "administrative_warrant"}
	not input.criminal_warrant
}

permitted contains "boston-trust-act/hold-criminal-warrant" if {
	input.action == "hold"
	input.criminal_warrant
}

forbidden contains "boston-trust-act/transfer" if {
	input.action == "transfer"
	not input.judicial_order
}

permitted contains "boston-trust-act/transfer-judicial-order" if {
	input.action == "transfer"
	input.judicial_order
}

forbidden contains "boston-trust-act/resources" if {
	input.action in {"hold", "arrest", "join"}
	input.purpose == "civil_immigration"
	not input.criminal_charge
}

forbidden contains "boston-trust-act/arrest" if {
	input.action == "arrest"
	input.basis == "administrative_warrant"
	not input.criminal_charge
}

permitted contains "boston-trust-act/reentry" if {
	input.action == "arrest"
	input.enhanced_reentry
}

forbidden contains "boston-trust-act/inquire" if input.action == "inquire"

forbidden contains "boston-trust-act/release-date" if {
	input.action == "notify"
	input.purpose == "civil_immigration"
}

forbidden contains "boston-trust-act/purpose-unclear" if {
	input.action == "notify"
	input.purpose in {"mixed", "not_given"}
}

forbidden contains "boston-trust-act/personal-information" if {
	input.action == "share"
	input.information == "personal"
	input.purpose == "civil_immigration"
	not input.serious_violent_crime
}

forbidden contains "boston-trust-act/personal-information-purpose-unclear" if {
	input.action == "share"
	input.information == "personal"
	input.purpose in {"mixed", "not_given"}
}

permitted contains "boston-trust-act/serious-violent-crime" if {
	input.action == "share"
	input.serious_violent_crime
	input.purpose != "civil_immigration"
}

forbidden contains "boston-trust-act/serious-violent-crime-civil" if {
	input.action == "share"
	input.serious_violent_crime
	input.information == "personal"
	input.purpose == "civil_immigration"
}

permitted contains "boston-trust-act/criminal-history" if {
	input.action in {"search", "share"}
	input.information == "criminal_history"
}

forbidden contains "boston-trust-act/functions" if input.action == "deputize"

permitted contains "boston-trust-act/investigators" if {
	input.action in {"join", "notify", "share", "search"}
	input.requester == "hsi"
	input.purpose in trafficking
}

permitted contains "boston-trust-act/certification" if input.action == "certify"
