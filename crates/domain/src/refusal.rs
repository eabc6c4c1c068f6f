//! Numbered refusals: the law, a pack or a limit says no. Numbers are never reused; texts are in
//! English and Chinese and say what to do. `spec/refusals.md` is generated from this table.

use std::fmt;

/// A language the program speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    En,
    /// Chinese, simplified characters.
    Zh,
}

impl Language {
    /// `en` or `zh`.
    pub const fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Zh => "zh",
        }
    }
}

macro_rules! refusals {
    ($($number:literal $name:ident $en:literal $zh:literal)*) => {
        /// Why the registry says no.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Refusal {
            $(#[doc = $en] $name,)*
        }

        impl Refusal {
            /// Every refusal, by number.
            pub const ALL: &'static [Refusal] = &[$(Refusal::$name,)*];

            /// The number; stable for ever.
            pub const fn number(self) -> u16 {
                match self { $(Refusal::$name => $number,)* }
            }

            /// The name in the table.
            pub const fn name(self) -> &'static str {
                match self { $(Refusal::$name => stringify!($name),)* }
            }

            /// What to do, in `language`.
            pub const fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Refusal::$name, Language::En) => $en,
                    (Refusal::$name, Language::Zh) => $zh,)*
                }
            }
        }
    };
}

refusals! {
    101 PersonAsSubject
        "the row is about a person or a sole trader; this registry holds organisations only, leave the row out"
        "该行涉及自然人或个体经营者；本登记册只记录组织，请删除该行"
    102 PersonalIdentifier
        "the field holds a personal identifier (identity number, e-mail, telephone, card number); remove it at the source"
        "该字段含有个人标识（身份证号、电子邮箱、电话、银行卡号）；请在来源处删除"
    103 ProtectedKind
        "an adverse record about an association, union, media, party or faith body needs a final court decision or a formal act of its registrar"
        "对社会团体、工会、媒体、政党或宗教组织的不利记录，须以生效司法裁判或其登记机关的正式决定为依据"
    104 MilitaryBody
        "military bodies (USCC beginning with A) are not recorded; leave the row out"
        "军队单位（统一社会信用代码以 A 开头）不予记录；请删除该行"
    201 PersonUndecided
        "cannot tell whether the row is about an organisation or a person; add the legal form to the name or an organisation identifier, or leave the row out"
        "无法判断该行是组织还是自然人；请在名称中补充组织形式或填写组织标识，或删除该行"
    202 GroundUnmapped
        "the ground is not in the profile's map, or is missing; add its spelling to the profile, or correct the row"
        "处罚事由未在配置中映射或缺失；请在配置中补充该写法，或更正该行"
    203 EndMissing
        "no end is given and the pack cites no basis for an indefinite term; give the last day"
        "未给出截止日期，且规则包未载明无限期的依据；请填写最后一日"
    204 DateUnreadable
        "the date is not in a format the profile names; write it in one of them"
        "日期格式不在配置所列格式之内；请按其中一种格式填写"
    205 PeriodReversed
        "the last day lies before the first day; correct one of them"
        "截止日期早于起始日期；请更正"
    206 ListedAfterReading
        "the first day lies after the day the file was read; correct the date or --as-of"
        "起始日期晚于文件读取日期；请更正日期或 --as-of"
    207 NameMissing
        "the row has no name of an organisation; add it"
        "该行缺少组织名称；请补充"
    208 RowKeyMissing
        "the columns that identify the row are empty; fill them"
        "用于识别该行的列为空；请填写"
    209 RowKeyRepeated
        "another row of this file has the same key and a different content; correct one of them or extend the profile's key"
        "本文件另一行键值相同而内容不同；请更正其一或扩展配置中的行键"
    210 IdentifierUnreadable
        "the identifier has the wrong shape for its scheme; correct it or clear the cell"
        "标识的形式不符合其编码规则；请更正或清空该单元格"
    211 FieldUnreadable
        "the field cannot be read as its type; correct it"
        "该字段无法按其类型读取；请更正"
    212 ColumnsUnequal
        "the row has more or fewer cells than the header; correct the quoting or the separators"
        "该行单元格数与表头不一致；请检查引号或分隔符"
    213 EncodingBroken
        "the row is not valid in the profile's encoding; save the file in that encoding"
        "该行不符合配置所声明的编码；请以该编码保存文件"
    214 TextTooLong
        "the text is longer than the field allows; shorten it"
        "文本超出字段允许长度；请缩短"
    215 ControlCharacters
        "the text holds control or bidirectional override characters; remove them"
        "文本含有控制字符或双向覆盖字符；请删除"
    216 JsonUnreadable
        "the line is not a record of the format; see docs/authorities/own-format.md"
        "该行不是有效的记录；请参阅 docs/authorities/own-format.md"
    217 ListUnknown
        "no pack of this registry defines the list; adopt the pack or correct the list id"
        "本登记册的规则包均未定义该名单；请采用相应规则包或更正名单编号"
    218 KindUnknown
        "the kind of organisation is not one of the closed list; see SCOPE.md"
        "组织类型不在封闭清单之内；请参阅 SCOPE.md"
    219 IdentifiersDisagree
        "the identifiers of the row belong to different organisations; correct one of them"
        "该行的标识属于不同的组织；请更正其一"
    301 ColumnMissing
        "the file lacks a column the profile needs; check that the profile fits the file"
        "文件缺少配置所需的列；请检查配置是否适用于该文件"
    302 ContainerUnreadable
        "the file cannot be opened as the container the profile names; check the file and the profile"
        "文件无法按配置所声明的格式打开；请检查文件与配置"
    303 SheetMissing
        "the workbook has no sheet of the name or number the profile gives"
        "工作簿中没有配置所指的工作表"
    304 FileEmpty
        "the file has no rows; check that it was downloaded completely"
        "文件没有数据行；请检查是否下载完整"
    305 RowFloorMissed
        "the file has fewer rows than the profile's floor; the import is held and the last snapshot stands. Check the file, or import it with --partial"
        "文件行数低于配置下限；导入已搁置，上一次快照仍然有效。请检查文件，或用 --partial 导入"
    306 TooManyVanished
        "more than the pack allows would vanish; the import is held and the last snapshot stands. Check the file; if they are gone, give their exact number with --accept-vanished"
        "消失的条目超过规则包允许的比例；导入已搁置，上一次快照仍然有效。请检查文件；如确已删除，请用 --accept-vanished 给出准确数目"
    307 ReadInFuture
        "--as-of lies in the future; give the day the file was read"
        "--as-of 晚于今天；请填写文件的读取日期"
    308 ReadBeforeLast
        "the file was read before the snapshot that stands; import files in the order of reading"
        "该文件的读取日期早于现行快照；请按读取先后导入"
    309 ProfileUnknown
        "there is no profile of this name in the registry; see `goodstanding profile list`, or give a file"
        "登记册中没有此名称的配置；请用 `goodstanding profile list` 查看，或给出文件"
    315 RowCeilingPassed
        "the file has more rows than the profile's ceiling; the import is held and the last snapshot stands. Check the file, or raise row_ceiling"
        "文件行数超过配置上限；导入已搁置，上一次快照仍然有效。请检查文件，或提高 row_ceiling"
    401 PackUnreadable
        "the file is not TOML, or a value has the wrong type"
        "文件不是 TOML，或某值类型不符"
    402 PackKeyUnknown
        "the key is not one of this file's; remove it or correct its spelling"
        "该键不属于此文件；请删除或更正拼写"
    403 PackKeyMissing
        "a required key is missing; add it"
        "缺少必填的键；请补充"
    404 CitationMissing
        "the value has no citation; name instrument, article and address"
        "该值没有引用依据；请写明文件、条款和网址"
    405 EvidenceTooWeak
        "the evidence is weaker than `source seen`; check the source before shipping the value"
        "依据弱于“已查阅原文”；请核实来源后再使用"
    406 UnitMissing
        "the period has no unit or no counting rule; name both"
        "期间缺少单位或计算规则；请同时写明"
    407 GroundUnknown
        "the ground is outside the closed vocabulary; a pack cannot add one"
        "事由不在封闭词表之内；规则包不能新增"
    408 SubjectKindRefused
        "the subject kind is outside the closed list; a pack cannot add one"
        "主体类型不在封闭清单之内；规则包不能新增"
    409 ReferenceBroken
        "the value names something that no file of the packs defines"
        "该值所指的对象在规则包中没有定义"
    410 RemedyMissing
        "an adverse list needs the remedy at its publisher; add it"
        "不利名单须写明在发布机关的救济途径；请补充"
    411 MaxAgeMissing
        "an adverse list needs a max_age in days; `none` is for neutral and good types only"
        "不利名单须设定以日计的 max_age；`none` 仅可用于中性和良好类型"
    412 PackKeyRepeated
        "the id or key is defined twice; rename one of them"
        "该编号或键被重复定义；请更改其一"
    413 PackMisplaced
        "the file or the id does not belong to the pack it is in; move or rename it"
        "该文件或编号不属于所在规则包；请移动或改名"
    414 LevelTooLow
        "the basis is not at the level its scope needs: a national pack needs a law, regulation or ministry rule, a local one at least a local regulation, an international one an agreement or a rule under it; name such a basis with its level"
        "依据的位阶与适用范围不符：全国性规则包须有法律、行政法规或部门规章，地方规则包至少须有地方性法规，国际规则包须有协定或依协定制定的规则；请写明该依据及其位阶"
    415 TermUnfit
        "the term does not fit: each severity that can arise needs one with a longest period, none but minor is kept from the public, and the shortest is not longer than the longest"
        "期限不符合要求：每一可能的严重程度均须设最长期限，除轻微外不得不公开，且最短期限不得长于最长期限"
    416 MinorPublished
        "minor breaches are not published unless the law says so; cite the article under term.publication or leave published out"
        "轻微失信原则上不予公示；如法律另有规定，请在 term.publication 中引用条款，否则请删除 published"
    417 SeverityUnfit
        "adverse types have a severity and each outcome of a rule; neutral and good types have none; correct the entry"
        "不利类型须有严重程度，中性和良好类型不得有；请更正该条目"
    418 ProtectedKindInPack
        "an association, union, media, party or faith body cannot be the subject of an administrative decision here; leave the kind out, or rest the entry on a final court decision or a formal act of the registrar"
        "社会团体、工会、媒体、政党或宗教组织不得作为行政决定的记录主体；请删除该类型，或以生效裁判或登记机关的正式决定为依据"
    419 MeasureFamilyRefused
        "the family or kind of measure is outside the closed list; travel, consumption, schooling, leaving a country, holding a post and credit cannot be measures"
        "措施类别不在封闭清单之内；出行、消费、就学、出境、任职和信贷不得作为措施"
    420 EffectRefused
        "the effect is outside the closed list, or does not belong to this kind of measure"
        "措施效果不在封闭清单之内，或与该类措施不符"
    421 AddresseeRefused
        "the addressee is missing or outside the closed list: only public bodies in a function can be bound, never a bank, an association or the media"
        "措施对象缺失或不在封闭清单之内：只有履行职能的公共机构可受约束，银行、协会和媒体不得承担义务"
    422 TerritoryUnfit
        "the territory lies outside the pack's; a pack cannot bind others"
        "该地域超出规则包的适用范围；规则包不能约束其他地域"
    423 MeasureGroundsUnfit
        "the measure needs at least one ground: a type of record and, where it is adverse, grounds and severities"
        "措施须至少有一项事由：记录类型，以及不利记录的事由和严重程度"
    424 NexusMissing
        "the measure does not say how breach and consequence belong together; say it under nexus"
        "未说明失信行为与后果之间的关联；请在 nexus 中说明"
    425 IncentiveUnfit
        "an incentive needs an end, rests on good records only, and takes nothing from others"
        "激励措施须有终止时间，只能以良好记录为依据，且不得减损他人权益"
    426 FirstUseTooEarly
        "the measure is used before it was public for the period of notice; move first_use"
        "措施公布后未满告知期即开始适用；请推后 first_use"
    427 InterimUnfit
        "a record before its decision needs the law that allows it and a longest period within interim.max"
        "决定前的临时记录须有法律依据，且最长期限不得超过 interim.max"
    428 LayerLengthens
        "a layer may only fill in or shorten what the pack below it says; correct the value or leave it out"
        "上层规则包只能补充或缩短下层的规定；请更正或删除该值"
    429 ExpressionUnreadable
        "the expression is not CEL, or compares what cannot be compared; see docs/authorities/packs.md"
        "表达式不是 CEL，或比较了不可比较的内容；请参阅 docs/authorities/packs.md"
    430 ExpressionFactRefused
        "the expression reads or names something outside the closed facts; no rule may depend on who the subject is"
        "表达式读取或提及了封闭事实清单之外的内容；任何规则都不得取决于主体的身份"
    431 ExpressionTooCostly
        "the expression uses a loop or a function, or is too long; write a plain condition"
        "表达式使用了循环或函数，或过长；请写成简单条件"
    432 CalendarUnfit
        "a day off lies outside the calendar or on a weekend, or a make-up day on a weekday; correct the days"
        "假日不在日历范围内或落在周末，或补班日落在工作日；请更正日期"
    433 LayerUnfit
        "the pack is laid on one that is missing, fictional or laid on itself; correct `on`"
        "规则包所依附的下层规则包缺失、为虚构或形成循环；请更正 `on`"
    434 InForceReversed
        "the last day in force lies before the first; correct one of them"
        "失效日期早于生效日期；请更正"
    435 MandateUnfit
        "the mandate covers an entry that is not of this pack or a pack below it"
        "授权所列条目不属于本规则包或其下层规则包"
    436 MeasureUnfounded
        "no entry of the catalogue gives a public record of this type, ground and severity; a measure cannot follow from what nobody can see"
        "目录中没有任何条目产生该类型、事由和严重程度的公开记录；措施不得以不公开的记录为依据"
    440 ProfileBlank
        "a blank of the draft is not filled in yet; put your decision in the place of FILL-IN"
        "草稿中的空白尚未填写；请以您的决定替换 FILL-IN"
    441 CalendarUnknown
        "no pack in force has a calendar of working days for this territory"
        "现行规则包没有该地域的工作日历"
    442 CalendarYearUncovered
        "the calendar covers other days only: a working day outside of them is announced, not computed; wait for the official announcement, and adopt a pack with it"
        "日历仅涵盖其他日期：此外的工作日须由官方公布，不作推算；请待官方公布后采用载有该公布的规则包"
    443 PeriodUnknown
        "no period has this name in the pack of this territory"
        "该地域的规则包没有此名称的期间"
    501 OrganisationUnknown
        "there is nothing under this address"
        "此地址下没有内容"
    502 RecordUnknown
        "there is no public record under this address"
        "此地址下没有公开记录"
    503 PositionUnknown
        "the log has no entry at this position yet"
        "日志在此位置尚无条目"
    504 QueryUnreadable
        "a parameter of the query cannot be read; see the API description"
        "查询参数无法读取；请参阅接口说明"
    505 RequestTooLarge
        "the request is larger than the limit"
        "请求超过大小限制"
    506 ProofBroken
        "the stored content does not match its commitment on the log and is not shown; the operator has to restore it"
        "所存内容与日志中的承诺不符，不予显示；须由运营者恢复"
    611 ReviewerUnknown
        "no such reviewer is registered here; a reviewer is a role and a number such as officer-7, add one with `goodstanding reviewer add`"
        "此处没有登记该复核人；复核人代号由职务与编号组成，如 officer-7，请用 `goodstanding reviewer add` 添加"
    612 ReviewersSame
        "the reviewer who proposed a decision cannot confirm it; a second one has to"
        "提出决定的复核人不得自行确认；须由另一名复核人确认"
    613 DecisionUnknown
        "there is no decision on identity with this number; list them with `goodstanding identity list`"
        "没有此编号的身份决定；请用 `goodstanding identity list` 查看"
    614 PairDistinct
        "the two were decided to be distinct, which is final; they cannot become one file"
        "已决定二者为不同组织，该决定为终局决定；不得合并为同一档案"
    615 ReasonUnfit
        "the reason does not fit what is on record, or needs its official source cited with --source and --read-on"
        "理由与在案内容不符，或须用 --source 与 --read-on 注明官方来源"
    616 NoticeRunning
        "adverse records would move to another file, and the time to answer the notice has not ended; confirm after it"
        "不利记录将移至另一档案，而告知后的答复期限尚未届满；请在期满后确认"
    617 IdentityUnfit
        "the two are one and the same file already, or one of them is an alias or has no file; name two files that stand"
        "二者已是同一档案，或其中之一为别名或没有档案；请指明两个现存档案"
    618 SplitUnfit
        "a split takes records and identifiers that stand on the file and leaves at least one record there; name them one by one"
        "拆分只能移出该档案现有的记录和标识，并须至少保留一条记录；请逐一列明"
    619 DecisionSettled
        "the decision was confirmed, refused or reversed already, or can never be reversed; propose a new one if it is needed"
        "该决定已确认、已拒绝、已撤销，或依法不可撤销；如有需要请另行提出"
    701 ActorUnfit
        "this step belongs to another role; see docs/authorities/cases.md for who may do what"
        "该步骤属于其他角色；各步骤的权限见 docs/authorities/cases.md"
    702 SameAccount
        "the account took part in the record already; a second account has to decide, and a third person on appeal"
        "该账号已参与此记录；须由另一账号决定，复核阶段须由第三人决定"
    703 StepUnfit
        "the record is not where this step begins; look at its state and what is due with `goodstanding case show`"
        "记录所处阶段不允许此步骤；请用 `goodstanding case show` 查看其状态和待办事项"
    704 MandateMissing
        "the authority has no mandate for this type of record in this territory on that day; adopt the mandate, or correct the submission"
        "该机关在该日、该地域对此类记录没有授权；请先采用授权或更正提交内容"
    705 EntryNotInForce
        "the catalogue entry is not in force on the day of the decision; name the one that is"
        "目录条目在决定之日未生效；请改用当时有效的条目"
    706 NotYetInUse
        "the pack or mandate was adopted less than its waiting time ago; adverse records under it wait until the instant given"
        "规则包或授权采用后尚未满等待期；在所示时间之前不得据此提交不利记录"
    707 TypeDiffers
        "the fields belong to another type of record than the catalogue entry; correct one of them"
        "字段所属的记录类型与目录条目不一致；请更正"
    708 SubjectUnidentified
        "a name alone attaches no record; give an identifier of the organisation, or have a named reviewer confirm it"
        "仅凭名称不得归属记录；请提供组织标识或由指定复核人确认"
    709 SubjectKindUnfit
        "the catalogue entry does not cover this kind of organisation"
        "目录条目不适用于该组织类型"
    710 GroundOutsideEntry
        "a ground is missing, or is not among those of the catalogue entry"
        "缺少事由，或事由不在目录条目所列范围之内"
    711 DatesDisordered
        "the days are not in order: conduct, decision, service, today; correct them"
        "日期先后不符：行为、决定、送达、今日；请更正"
    712 DocumentRepeated
        "another record of this authority and type has this document number and other content; correct the number, or correct that record"
        "该机关同类记录已使用此文书编号而内容不同；请更正编号，或更正原记录"
    713 AlreadyDecided
        "a hosted case begins before the decision; submit it as imported-final with its attestations"
        "托管程序须在作出决定之前开始；请以“既成决定”方式提交并附证明"
    714 DecisionMissing
        "number, date and day of service of the decision are missing; add them"
        "缺少决定的文号、日期与送达日；请补充"
    715 AttestationMissing
        "an attestation is missing; without all six the record stays out"
        "缺少一项证明；六项证明不全的记录不予接收"
    716 SuccessorUnfit
        "a correction replaces one record of the same authority that stands and has no successor"
        "更正只能替代同一机关现存且尚无后继的一条记录"
    717 ResubmissionUnfit
        "a repeated submission names one of the same authority that was rejected or ended in favour of the subject"
        "重新提交须指明同一机关被退回或以有利于当事人方式终结的提交"
    718 SeverityDiffers
        "the severity is not the one that the rules of the catalogue entry give for these facts"
        "严重程度与目录条目规则依所述事实得出的结果不符"
    719 SeverityUnknown
        "the catalogue entry has no severity or term for these facts"
        "目录条目对所述事实未规定严重程度或期限"
    720 TermTooLong
        "the term is longer than the law allows; the last day allowed is given"
        "期限超过法定上限；最晚日期如所示"
    721 CeilingPassed
        "the end lies beyond the longest time after the end of the conduct; the last day allowed is given"
        "截止日超过自行为终了起算的最长期限；最晚日期如所示"
    722 TermOver
        "the term is over already; the record is not accepted"
        "期限已届满；不予接收"
    723 NoticeNeeded
        "this is against the subject and needs notice, the chance to answer, and a decision first"
        "此步骤对当事人不利，须先告知、给予陈述申辩机会并作出决定"
    724 NoticeIncomplete
        "the notice lacks something it has to hold; add it and serve it again"
        "告知书缺少必备内容；请补充后重新送达"
    725 ServiceUnproven
        "say how and when the subject was told, with the proof of it"
        "请写明告知当事人的方式、时间并附证明"
    726 WindowClosed
        "the time for this step is over; see which steps are still open with `goodstanding case show`"
        "该步骤的期限已过；请用 `goodstanding case show` 查看仍可采取的步骤"
    727 WindowOpen
        "the subject may still answer; decide after the window, or after a waiver"
        "当事人仍可陈述申辩；请在期满或放弃之后作出决定"
    728 TextMissing
        "say what is wrong, in words and as numbered points"
        "请以文字并分点说明"
    729 HearingNotOpen
        "there is no right to a hearing for this severity under the catalogue entry"
        "目录条目对该严重程度未规定听证权"
    730 HearingTooSoon
        "the hearing cannot be closed before its day"
        "听证不得在其日期之前结束"
    731 ReferenceMissing
        "name the document, order or protocol this rests on"
        "请写明所依据的文书、命令或笔录"
    732 PointsUnanswered
        "the decision has to answer every point that was raised"
        "决定须逐点答复所提意见"
    733 ReasonsMissing
        "give the reasons"
        "请说明理由"
    734 OutcomeWorse
        "the outcome is heavier than what was noticed; serve a new notice, with the full time to answer"
        "结果重于告知内容；须重新告知并给予完整的答复期限"
    735 FlagRepeated
        "this ground was flagged and answered before; object once the record is public"
        "该理由已提出并答复；记录公开后可提出异议"
    736 InterimNotAllowed
        "no law cited by the catalogue entry lets the record stand before it is decided"
        "目录条目未载明允许在决定前公开的法律"
    737 StatementTooLong
        "a statement has at most 500 characters; shorten it"
        "说明不得超过500字；请缩短"
    738 NotRepairable
        "the catalogue entry has no repair or release; the record ends on its last day"
        "目录条目未规定修复或提前解除；记录于末日终止"
    739 RepairTooEarly
        "the shortest term is not over; apply from the day given"
        "最短期限尚未届满；请自所示日期起申请"
    740 ConditionsUnmet
        "a listed condition is not met; see what it asks for"
        "所列条件未满足；请查看其要求"
    741 ConditionForeign
        "a refusal names listed conditions that are not met, and at least one; nothing else is a reason"
        "不予修复须至少指明一项所列而未满足的条件；其他理由均不成立"
    742 ExtensionNotAllowed
        "no law cited by the catalogue entry lets the term be extended"
        "目录条目未载明允许延长期限的法律"
    743 ExtensionTooLate
        "an extension has to take effect before the term ends, and to end later than it"
        "延长须在原期限届满前生效，且晚于原截止日"
    744 TermBeyondOriginal
        "the end lies beyond the one first decided"
        "截止日超过最初决定的日期"
    745 HeldByCourt
        "a court or reviewer holds the content; it is not destroyed before the hold is released"
        "内容已被法院或复核人要求保全；解除之前不得销毁"
    746 RetentionRunning
        "the time for which content is kept is not over; it ends at the instant given"
        "内容保存期限尚未届满；届满时间如所示"
    747 CalendarUncovered
        "the calendar of the pack does not cover this day; add the official calendar of that year"
        "规则包的工作日历未涵盖该日；请补充该年度的官方日历"
    748 PeriodMissing
        "no pack sets the period this step needs; add it with its citation"
        "规则包未规定此步骤所需的期间；请补充并注明依据"
    749 RecognitionUnmet
        "a condition of the recognition agreement does not hold"
        "承认协议的一项条件不成立"
    750 MirrorOfMirror
        "only an original record is recognised, not a mirror of one"
        "只承认原始记录，不承认转引的记录"
    751 OriginSilent
        "the record does not stand at its origin, or the origin was not heard recently"
        "该记录在来源登记册中不再有效，或近期未能核实来源"
    752 RequestUnreadable
        "the request is not JSON of this form; see docs/authorities/cases.md, or print a template with `goodstanding case template`"
        "请求不是符合要求的 JSON；请参阅 docs/authorities/cases.md，或用 `goodstanding case template` 查看模板"
    753 CaseUnknown
        "there is no case of yours with this number"
        "没有属于您的此编号案件"
    754 EntryUnknown
        "no pack of this registry has this catalogue entry; see the packs under /en/packs"
        "本登记册的规则包没有此目录条目；请在 /zh/packs 查看"
    755 KeyUnfit
        "the key is not registered, was revoked, or does not carry the name of its account"
        "密钥未登记、已撤销，或其名称与账号不符"
    756 SignatureUnfit
        "the signature does not cover what was decided; prepare the step again and sign what comes back"
        "签名与所作决定不符；请重新准备该步骤并对返回内容签名"
    757 PreparedTooOld
        "the step was prepared too long ago, or something happened to the case since; prepare it again"
        "该步骤的准备时间过久，或案件其后已有变化；请重新准备"
    758 TokenUnfit
        "the token is not the one that came with the notice of this case"
        "令牌与该案件告知书所附令牌不符"
    759 PackNotAdopted
        "the pack of this entry was neither in force when the registry began nor adopted since; no adverse record can rest on it"
        "该条目所属规则包在登记册启用时未生效，其后亦未被采用；不得据此提交不利记录"
    760 AuthorityUnknown
        "no pack of this registry has an authority with this key"
        "本登记册的规则包没有此机关"
    761 AccountUnfit
        "an account is `officer` or `decider`, a hyphen and a number such as officer-1; never a name"
        "账号由 officer 或 decider、连字符与编号组成，如 officer-1；不得使用姓名"
    770 ProceedingsNotServed
        "this server takes no proceedings; its operator turns them on with `serve --proceedings`, or use the command line beside the registry"
        "本服务器不受理程序；须由运营者以 `serve --proceedings` 开启，或在登记册所在机器上使用命令行"
    771 RequestUnsigned
        "the request of an authority must be signed with the key of its account, over method, path, query and body; see docs/authorities/cases.md"
        "机关的请求须以其账号密钥对方法、路径、查询与正文签名；请参阅 docs/authorities/cases.md"
    772 RequestStale
        "the request was signed minutes ago or in the future, or was sent before; check the clock and sign it again"
        "请求的签名时间过早或在未来，或该请求已发送过；请检查时钟后重新签名"
    773 BatchUnfit
        "a batch holds 1 to 100 items; divide it"
        "每批须有 1 至 100 项；请拆分"
    774 MediaTypeUnfit
        "the body must be JSON: send it with `Content-Type: application/json`"
        "正文须为 JSON：请以 `Content-Type: application/json` 发送"
    790 PackUnchanged
        "every pack of this folder is in force as it is; there is nothing to adopt"
        "该文件夹中的规则包均已按此版本生效；没有可采用的内容"
    791 PackHashOther
        "the packs are not those that were read before: their hash is another; read what they say now, and give the hash that is printed"
        "规则包与先前所审阅的不同：哈希值不一致；请重新审阅，并使用所显示的哈希值"
    792 PackVersionKept
        "the pack says something else under the version that is in force; give it a new version"
        "规则包内容有变而版本号与现行版本相同；请改用新的版本号"
    793 PackForeign
        "the folder holds no pack; a pack is a folder with pack.toml in it"
        "该文件夹中没有规则包；规则包是含有 pack.toml 的文件夹"
    800 SubmissionWaits
        "the authority has handed in more adverse records lately than its rate; this one waits for a reviewer of the registry"
        "该机关近期提交的不利记录超过其速率；此项须等待登记册复核人审查"
    801 KindDisputed
        "identifier or name say association, union, medium, party or faith body, and only the submission says otherwise; its kind has to be known from a register first"
        "标识或名称表明其为社团、工会、媒体、政党或宗教组织，而仅有提交内容另有说法；须先由登记机关的记录确定其类型"
    802 ConductBeforeLaw
        "the conduct had ended before the law of the entry was in force; nobody is on record for what was not forbidden"
        "行为在该条目所依法律生效之前已经终了；不得就当时未被禁止的行为作出记录"
    803 ConductMissing
        "an adverse record says when the conduct was: whether it was forbidden then, and how long a record of it may stand, depend on it"
        "不利记录须写明行为的起止日期：当时是否被禁止、记录可保留多久均取决于此"
    805 MeasureUnfit
        "no pack of this registry has this measure for a record of this type, ground and severity; a notice and a decision name no other"
        "本登记册的规则包没有适用于此类型、事由和严重程度的该项措施；告知书与决定不得列入其他措施"
    806 PersonsAsOrganisations
        "the profile takes a word for persons, sole traders or households as one for organisations; put it under person"
        "配置将表示自然人、个体工商户或家庭的词语当作组织；请移至 person 之下"
    807 MaxAgeTooLong
        "an adverse list is read again at least every 92 days, or it says what nobody knows any more; lower max_age"
        "不利名单至少每92日须重新读取一次，否则所述已无从知晓；请缩短 max_age"
    820 MeasureDoesNotFollow
        "this measure does not follow from this record for the authority that asks, in that function and place on that day; nothing is taken about its use"
        "该措施对提出请求的机关而言，在该职能、地域和日期并不由此记录产生；不受理有关其适用的反馈"
    821 FeedbackUnfit
        "feedback is `applied`, or `not_applied` with one reason of the closed list; there is no place for words"
        "反馈为 applied，或为 not_applied 并附封闭清单中的一项理由；不设文字说明"
    822 FeedbackRepeated
        "the authority said this of this measure and record before; nothing was committed"
        "该机关此前已就该措施与记录作出同一反馈；未作任何登记"
    823 HeldTooMany
        "a question about records that are held names 1 to 1,000 of them; divide it"
        "每次查询所持记录须列出1至1000项；请拆分"
    830 ActRepeated
        "the authority has a record about this organisation for the same ground and an act of the same days; name the record it corrects or repeats, or hand in the decision that is about another act"
        "该机关已就同一事由及同一期间的行为对该组织作出记录；请指明所更正或重新提交的记录，或提交针对另一行为的决定"
    831 TokenReplaced
        "the subject has shown who it is and has a token of its own; the one that went with the notice counts no more"
        "该组织已证明身份并取得自己的令牌；随告知书发出的令牌不再有效"
    832 StepNeedsOwnToken
        "this step gives up a right, and the authority has seen the token that went with its notice; ask the registry for a token of your own first"
        "此步骤会放弃一项权利，而机关见过随告知书发出的令牌；请先向登记册取得自己的令牌"
    833 RequestIdReused
        "another step was taken with this id of a request; give each step its own"
        "该请求编号已用于另一步骤；每个步骤须使用各自的编号"
    860 AlternativesUnmet
        "one of these conditions is enough, and none of them is met; say which one is"
        "满足其中一项条件即可，但均未满足；请说明满足哪一项"
    861 AlternativeLeft
        "one met condition is enough; a refusal says of each of them that it is not met"
        "满足一项条件即可；拒绝时须逐项说明均未满足"
    862 RecordsWithoutEntry
        "so many records rest on an entry or a ground that this version drops; withdraw them by the same act with --withdraw, or keep the entry and end it with in_force_until"
        "该版本所删除的条目或事由仍有相应数量的记录；请以 --withdraw 在同一行为中撤回，或保留条目并以 in_force_until 终止"
    863 InterimServed
        "records about this accusation have stood before a decision as long as the law allows; decide it, or leave it"
        "就该项指控在决定之前公示的记录已达法定最长期限；请作出决定或放弃"
    864 InterimOnly
        "a record of this entry stands before a decision only and never becomes a finding; what is decided is a record of another entry"
        "该条目的记录仅限于决定之前，不得成为认定；所作决定须依另一条目提交"
    870 SuccessorUnknown
        "no organisation of this registry has the id of the successor, or it is the one that the record is about already; name one that is registered"
        "本登记册中没有该承继组织的编号，或其即为记录现所属的组织；请指明已登记的组织"
    871 ImputationUndecided
        "a record moves to a successor after a notice to both that names it, their time to answer, a decision and its standstill; begin with a notice for the purpose of imputation"
        "记录须先向双方告知并指明承继组织，经答复期限、决定及停止期后方可归属承继组织；请先以归属为目的送达告知书"
    872 SuccessorDiffers
        "the decision is about another successor; name the one that was noticed and decided"
        "决定所涉为另一承继组织；请指明已告知并已决定的组织"
    873 WaiverOfBoth
        "the time to answer belongs to two organisations, and neither gives it up for the other; wait until it ends"
        "答复期限为双方共有，任何一方不得代另一方放弃；请等待期限届满"
    874 ObjectionRepeated
        "a third party has objected on this ground before; name another one; the organisation itself may object at any time"
        "已有第三方就此理由提出过异议；请另行指明其他理由；组织本身可随时提出异议"
    880 PointForeign
        "the decision answers a point that nobody raised; number the answers as the points are numbered"
        "决定答复了无人提出的意见；答复的编号须与意见的编号一致"
    881 PointsTooMany
        "so many points are more than one decision can answer; put those that belong together into one"
        "意见项数超过一项决定所能答复的上限；请将相关意见合并为一项"
    882 PointsUnnumbered
        "the text does not hold as many points as are named; list the points, or number them in the text, 1. and 2. and so on"
        "正文中的意见项数与所称不符；请逐项列出，或在正文中编号：1. …… 2. ……"
    901 ConfigurationUnreadable
        "the configuration cannot be read; correct the line, or the path"
        "无法读取配置；请更正该行或文件路径"
    902 ConfigurationKeyUnknown
        "no setting has this name; correct its spelling or remove it"
        "没有这一配置项；请更正名称或删除"
    903 ConfigurationValueUnfit
        "the value is not one this setting takes; give what is expected"
        "该配置项不接受这个值；请按所列要求填写"
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.number(), self.text(Language::En))
    }
}

/// One problem of one input, with the place where it is. Never holds a value of the row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Row of the file as a spreadsheet counts (the header row included), from 1; for packs and
    /// profiles the line.
    pub row: Option<u64>,
    /// Column heading or key.
    pub column: Option<String>,
    /// What is wrong.
    pub refusal: Refusal,
    /// What is not a value of the row but helps: the key expected, the file, the formats allowed.
    pub detail: Option<String>,
}

impl Problem {
    /// A problem of the whole input.
    pub fn of_input(refusal: Refusal) -> Problem {
        Problem { row: None, column: None, refusal, detail: None }
    }

    /// A problem of `row`, in `column` where one is at fault.
    pub fn of_row(row: u64, column: Option<&str>, refusal: Refusal) -> Problem {
        Problem { row: Some(row), column: column.map(str::to_owned), refusal, detail: None }
    }

    /// The same with something that helps. `detail` must never be a cell's text.
    pub fn with_detail(mut self, detail: impl Into<String>) -> Problem {
        self.detail = Some(detail.into());
        self
    }

    /// The message in `language`: what to do, and the detail.
    pub fn message(&self, language: Language) -> String {
        let text = self.refusal.text(language);
        self.detail.as_ref().map_or_else(
            || text.to_owned(),
            |detail| match language {
                Language::En => format!("{text} ({detail})"),
                Language::Zh => format!("{text}（{detail}）"),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_ascending() {
        let numbers: Vec<_> = Refusal::ALL.iter().map(|refusal| refusal.number()).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn messages_follow_the_house_rules() {
        for refusal in Refusal::ALL {
            let (en, zh) = (refusal.text(Language::En), refusal.text(Language::Zh));
            assert!(!en.ends_with('.') && !en.contains("please"), "{refusal}");
            assert!(zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{refusal}");
        }
    }
}
