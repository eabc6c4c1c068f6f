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
    414 ProfileBlank
        "a blank of the draft is not filled in yet; put your decision in the place of TODO"
        "草稿中的空白尚未填写；请以您的决定替换 TODO"
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
