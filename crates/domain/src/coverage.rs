//! The closed lists by which the registry's coverage is counted: four fields (R002) and seventeen
//! sectors (R214). A list belongs to one of each or to none; a record follows its list. They sort
//! figures and nothing else: no rule reads them.

/// One of the four fields of public trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Conduct of public bodies.
    Government,
    /// Conduct of businesses.
    Commerce,
    /// Conduct of social organisations and public services.
    Society,
    /// Conduct before and of courts.
    Judiciary,
}

impl Field {
    /// Every field.
    pub const ALL: [Field; 4] =
        [Field::Government, Field::Commerce, Field::Society, Field::Judiciary];

    /// The key in packs and answers.
    pub const fn key(self) -> &'static str {
        match self {
            Field::Government => "government",
            Field::Commerce => "commerce",
            Field::Society => "society",
            Field::Judiciary => "judiciary",
        }
    }

    /// The field with this key.
    pub fn from_key(key: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|field| field.key() == key)
    }
}

/// One of the seventeen sectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sector {
    /// Registration and conduct of trade.
    Commerce,
    /// Taxation.
    Tax,
    /// Prices.
    Price,
    /// Import and export.
    ForeignTrade,
    /// Safety at work.
    WorkSafety,
    /// Quality of products.
    Quality,
    /// Environment.
    Environment,
    /// Food and medicines.
    FoodDrug,
    /// Health and family planning.
    Health,
    /// Intellectual property.
    IntellectualProperty,
    /// Circulation of goods and services.
    CirculationServices,
    /// Construction.
    Construction,
    /// Electronic commerce.
    ElectronicCommerce,
    /// Transport.
    Transport,
    /// Performance of contracts.
    ContractPerformance,
    /// Employment and social security.
    Employment,
    /// Education and research.
    EducationResearch,
}

impl Sector {
    /// Every sector.
    pub const ALL: [Sector; 17] = [
        Sector::Commerce,
        Sector::Tax,
        Sector::Price,
        Sector::ForeignTrade,
        Sector::WorkSafety,
        Sector::Quality,
        Sector::Environment,
        Sector::FoodDrug,
        Sector::Health,
        Sector::IntellectualProperty,
        Sector::CirculationServices,
        Sector::Construction,
        Sector::ElectronicCommerce,
        Sector::Transport,
        Sector::ContractPerformance,
        Sector::Employment,
        Sector::EducationResearch,
    ];

    /// The key in packs and answers.
    pub const fn key(self) -> &'static str {
        match self {
            Sector::Commerce => "commerce",
            Sector::Tax => "tax",
            Sector::Price => "price",
            Sector::ForeignTrade => "foreign_trade",
            Sector::WorkSafety => "work_safety",
            Sector::Quality => "quality",
            Sector::Environment => "environment",
            Sector::FoodDrug => "food_drug",
            Sector::Health => "health",
            Sector::IntellectualProperty => "intellectual_property",
            Sector::CirculationServices => "circulation_services",
            Sector::Construction => "construction",
            Sector::ElectronicCommerce => "electronic_commerce",
            Sector::Transport => "transport",
            Sector::ContractPerformance => "contract_performance",
            Sector::Employment => "employment",
            Sector::EducationResearch => "education_research",
        }
    }

    /// The sector with this key.
    pub fn from_key(key: &str) -> Option<Sector> {
        Sector::ALL.into_iter().find(|sector| sector.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r214_there_are_four_fields_and_seventeen_sectors_with_keys_of_their_own() {
        for field in Field::ALL {
            assert_eq!(Field::from_key(field.key()), Some(field));
        }
        for sector in Sector::ALL {
            assert_eq!(Sector::from_key(sector.key()), Some(sector));
        }
        assert_eq!((Field::from_key("belief"), Sector::from_key("speech")), (None, None));
    }
}
