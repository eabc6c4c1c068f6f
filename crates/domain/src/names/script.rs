//! The script of a name.

use unicode_normalization::UnicodeNormalization;

use super::{is_cjk, is_han, is_hangul, is_kana};

/// The script most letters are of, as ISO 15924: `Latn`, `Cyrl`, `Hans`, `Hant`, `Hani` where
/// simplified and traditional cannot be told apart, `Jpan`, `Kore`, ...; `Zyyy` without letters.
///
/// ```
/// use goodstanding_domain::names::script_of;
/// assert_eq!(script_of("Acme"), "Latn");
/// assert_eq!(script_of("TCL 海风贸易有限公司"), "Hans");
/// assert_eq!(script_of("臺灣海風貿易"), "Hant");
/// assert_eq!(script_of("株式会社サンプル"), "Jpan");
/// assert_eq!(script_of("123"), "Zyyy");
/// ```
pub fn script_of(name: &str) -> &'static str {
    let mut counts = [0_usize; SCRIPTS.len()];
    for c in name.nfkc().filter(|c| c.is_alphabetic()) {
        let script = SCRIPTS.iter().position(|(_, holds)| holds(c));
        if let Some(count) = script.and_then(|script| counts.get_mut(script)) {
            // One character of Han or Hangul says about as much as three letters.
            *count += if is_cjk(c) { 3 } else { 1 };
        }
    }
    let most = counts.iter().zip(SCRIPTS).rev().max_by_key(|(count, _)| **count);
    match most {
        Some((0, _)) | None => "Zyyy",
        Some((_, (_, _))) if name.nfkc().any(is_kana) && name.nfkc().any(is_han) => "Jpan",
        Some((_, ("Hani", _))) => han_variant(name),
        Some((_, (script, _))) => script,
    }
}

type Script = (&'static str, fn(char) -> bool);

const SCRIPTS: [Script; 12] = [
    ("Latn", |c| {
        matches!(c, 'A'..='Z' | 'a'..='z' | '\u{aa}' | '\u{ba}' | '\u{c0}'..='\u{24f}'
        | '\u{1e00}'..='\u{1eff}')
    }),
    ("Hani", is_han),
    ("Jpan", is_kana),
    ("Kore", is_hangul),
    ("Cyrl", |c| matches!(c, '\u{400}'..='\u{52f}')),
    ("Grek", |c| matches!(c, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}')),
    ("Arab", |c| matches!(c, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}')),
    ("Hebr", |c| matches!(c, '\u{590}'..='\u{5ff}')),
    ("Deva", |c| matches!(c, '\u{900}'..='\u{97f}')),
    ("Thai", |c| matches!(c, '\u{e00}'..='\u{e7f}')),
    ("Geor", |c| matches!(c, '\u{10a0}'..='\u{10ff}')),
    ("Armn", |c| matches!(c, '\u{530}'..='\u{58f}')),
];

/// Characters frequent in names of organisations that exist in one way of writing only.
fn han_variant(name: &str) -> &'static str {
    const SIMPLIFIED: &str = "业东个产亿众优传华协单厂厅发园国图团圣场坚垄备处头夺实审宁对导将属岛师帮广庆应开张当录总态战护报担挂换损据数断无时显术机权条极构标栋树样桥检楼欧残气汇汉泽洁济浓测浆润涨温满滨灭灯灵炉点热爱爷牵环现电画畅疗盐监盖盘码础确离种积称稳竞笔筑签简粮纪纳纸纺线组织终经结给络统绿维综缘网罗联职肃脑节药荐营蓝虑虽补装见观规视计认议讯记讲许设证评诊诚话询该详语说请诸课调谷贝负财责贤败货质购贯贵贷贸费资赛赞赵车轨转轮软载达过运还进远连选邮郑释里金鉴针钟钢铁铜银锋锦长门闭问间闻队阳阴际陆陈险随难雾静韩页顶项顺须顾预领频题额风飞饮饰馆驰驾验骏鱼鲁鲜鸟鸡鸿鹏麦黄黎龙齐";
    const TRADITIONAL: &str = "業東個產億眾優傳華協單廠廳發園國圖團聖場堅壟備處頭奪實審寧對導將屬島師幫廣慶應開張當錄總態戰護報擔掛換損據數斷無時顯術機權條極構標棟樹樣橋檢樓歐殘氣匯漢澤潔濟濃測漿潤漲溫滿濱滅燈靈爐點熱愛爺牽環現電畫暢療鹽監蓋盤碼礎確離種積稱穩競筆築簽簡糧紀納紙紡線組織終經結給絡統綠維綜緣網羅聯職肅腦節藥薦營藍慮雖補裝見觀規視計認議訊記講許設證評診誠話詢該詳語說請諸課調貝負財責賢敗貨質購貫貴貸貿費資賽贊趙車軌轉輪軟載達過運還進遠連選郵鄭釋裡鑒針鐘鋼鐵銅銀鋒錦長門閉問間聞隊陽陰際陸陳險隨難霧靜韓頁頂項順須顧預領頻題額風飛飲飾館馳駕驗駿魚魯鮮鳥雞鴻鵬麥黃龍齊臺灣";
    let count = |set: &str, other: &str| {
        name.nfkc().filter(|c| set.contains(*c) && !other.contains(*c)).count()
    };
    let (simplified, traditional) =
        (count(SIMPLIFIED, TRADITIONAL), count(TRADITIONAL, SIMPLIFIED));
    match simplified.cmp(&traditional) {
        std::cmp::Ordering::Greater => "Hans",
        std::cmp::Ordering::Less => "Hant",
        std::cmp::Ordering::Equal => "Hani",
    }
}
