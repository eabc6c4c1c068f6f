//! The invariants in a sentence each. Which tests are named after them is found by scanning; where
//! there is none, the reason stands here.

/// One invariant.
#[derive(Debug, Clone, Copy)]
pub struct Invariant {
    /// Its number in the specification.
    pub number: u8,
    /// What has to hold.
    pub what: &'static str,
    /// Tests that hold it and are older than the rule that names carry its number.
    pub tests: &'static [&'static str],
    /// Why no test holds it yet.
    pub later: Option<&'static str>,
}

const fn tested(number: u8, what: &'static str) -> Invariant {
    Invariant { number, what, tests: &[], later: None }
}

const fn held(number: u8, what: &'static str, tests: &'static [&'static str]) -> Invariant {
    Invariant { number, what, tests, later: None }
}

const fn later(number: u8, what: &'static str, reason: &'static str) -> Invariant {
    Invariant { number, what, tests: &[], later: Some(reason) }
}

/// Every invariant, in order.
pub const INVARIANTS: &[Invariant] = &[
    tested(
        1,
        "An adverse record is served in the states *published* and *objected* only, or as a \
         tombstone.",
    ),
    tested(
        2,
        "A hosted adverse record is public only after notice, the time to answer, decision and \
         standstill, in that order (interim records apart).",
    ),
    tested(
        3,
        "An imported adverse record is public only with all six attestations and after its \
         check.",
    ),
    tested(
        4,
        "An adverse record in effect has an end within the legal maximum, or a cited basis for \
         having none.",
    ),
    tested(5, "No end lies beyond the ceiling counted from the end of the conduct."),
    tested(6, "From its end on a record is nowhere to be seen, without any job having run."),
    tested(
        7,
        "Nothing makes an end later but an extension after complete proceedings, a repair taken \
         back within the first term, and a court that does not count stayed time.",
    ),
    tested(8, "A term begins on the day the law names; submitting late shortens it."),
    tested(9, "What is over already is not accepted."),
    tested(10, "Minor records stay unpublished unless their entry cites a basis."),
    tested(
        11,
        "A changed pack never lengthens a term that stands; a shorter or lighter one holds for it.",
    ),
    tested(12, "A corrected record has one successor, and of a chain one record at most is live."),
    tested(
        13,
        "A withdrawn record is out of every view; its tombstone says a category and nothing \
         else.",
    ),
    tested(14, "Tombstones end."),
    tested(15, "After repair or expiry nothing tells that there was a record."),
    tested(16, "Repair is refused for listed conditions only, and the refusal names them."),
    tested(17, "Repair costs nothing."),
    tested(18, "Measures of a repaired record end in the same transaction."),
    later(
        19,
        "Recipients of a record are told of its correction, withdrawal or repair.",
        "recipients are known from signed reports and peers on, which are not there yet",
    ),
    tested(20, "An objection is marked in every view."),
    tested(21, "An objection takes nothing from anybody else, nor from the objector."),
    tested(22, "An objection without an answer in time hides the record."),
    tested(23, "Who decides an objection or appeal had no part in the record."),
    tested(24, "No outcome is heavier than what was noticed."),
    held(
        25,
        "Every subject is an organisation.",
        &[
            "the_vocabulary_has_no_way_out",
            "each_hostile_submission_meets_its_refusal",
            "each_hostile_row_meets_its_refusal",
        ],
    ),
    held(26, "No field can hold what belongs to a person.", &["no_body_has_a_field_for_a_person"]),
    tested(27, "What holds a personal identifier is stored nowhere."),
    held(28, "No pack can name a person as subject.", &["d1_no_pack_makes_a_person_a_subject"]),
    tested(29, "A name alone attaches no record."),
    tested(30, "Records of a parent are not shown as those of its subsidiary."),
    tested(31, "A merger or split moves a record by decision only."),
    tested(32, "A record rests on an entry in force on the day of its decision."),
    held(
        33,
        "A list rests on a basis of the level its scope needs.",
        &["each_hostile_pack_meets_the_refusal_it_names"],
    ),
    tested(34, "A measure follows only from what its law names."),
    tested(
        35,
        "No measure is told to anybody but its addressees; none binds a bank, an association or \
         a newspaper.",
    ),
    tested(36, "A measure is public for a time before its first use."),
    tested(37, "Measures stop at the instant their record does."),
    tested(38, "No answer is a decision: it is a basis for one."),
    held(
        39,
        "There is no total of anything.",
        &["there_is_no_score_grade_or_rank", "no_answer_holds_a_score"],
    ),
    later(
        40,
        "Ratings are computed from what is in effect and are the same again, bit for bit.",
        "there are no ratings yet",
    ),
    later(41, "A rating lists what it is made of.", "there are no ratings yet"),
    later(42, "A rating can be challenged, and a human decides.", "there are no ratings yet"),
    tested(43, "Replaying the log gives the same state."),
    tested(44, "An entry of the log holds a commitment and nothing else."),
    held(
        45,
        "Salts are random; what was destroyed cannot be recovered, and proofs hold.",
        &[
            "destroying_a_key_destroys_the_content_and_no_proof",
            "i15_erased_content_is_in_no_file_and_in_no_backup",
        ],
    ),
    held(
        46,
        "The log only grows.",
        &[
            "an_earlier_checkpoint_must_be_continued",
            "a_database_older_than_the_signed_checkpoint_refuses_to_sign",
        ],
    ),
    later(
        47,
        "A report states its head, time and packs, verifies offline and ends.",
        "there are no signed reports yet",
    ),
    tested(48, "A clock that goes back revives nothing."),
    tested(49, "An authority submits within its mandate only."),
    tested(50, "Officer and decider are two accounts."),
    tested(51, "A mirror does not outlive its origin."),
    tested(52, "A mirror is never an original."),
    tested(53, "Recognition needs every condition."),
    tested(54, "Every missed deadline is in the authority's figures."),
    tested(55, "Public bodies take the same way as companies."),
    later(
        56,
        "Access to restricted content leaves a journal entry.",
        "restricted content is not served to anybody yet",
    ),
    later(
        57,
        "A request is answered or refused with reasons in time.",
        "there are no requests for access yet",
    ),
    later(58, "Who reports a matter is not known to the accused.", "there are no tips yet"),
    later(59, "A report alone makes no record.", "there are no tips yet"),
    tested(60, "Small cells of figures about the unpublished are suppressed."),
    tested(61, "An interim record needs a law by name, has an end, and is no finding."),
    tested(62, "A pack with a parameter that lacks basis, unit or counting does not load."),
    held(
        63,
        "An adverse quotation has list, basis, remedy and a mapped ground.",
        &["every_adverse_list_has_basis_remedy_and_grounds"],
    ),
    held(
        64,
        "A quotation past its end counts nowhere; one without an end cites why.",
        &[
            "a_row_past_its_end_is_committed_nowhere",
            "an_indefinite_term_is_allowed_only_where_the_law_sets_no_end",
        ],
    ),
    tested(65, "A row that vanished from a full reading ends its quotation."),
    tested(66, "A quotation that was not read again is not current, then hidden."),
    tested(67, "A quotation carries no measure without a rule of recognition that it meets."),
    later(
        68,
        "Anyone may flag a wrong identity.",
        "a flag without an account comes with the pages for organisations",
    ),
];
