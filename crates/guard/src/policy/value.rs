//! Values that are refused where they would limit nothing.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor, value::SeqAccessDeserializer},
};

/// Longest time that a policy looks back or waits, in days: the store keeps intents a little longer.
const DAYS_MAX: u64 = 366;

/// Serde for times that must not be nothing: a window of 0 s counts nothing, and so limits nothing.
pub(super) mod span {
    use std::time::Duration;

    use serde::{Deserializer, Serializer, de::Error};
    use stanch_model::duration::text;

    use super::DAYS_MAX;

    pub(in crate::policy) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        text::serialize(duration, serializer)
    }

    pub(in crate::policy) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        let duration = text::deserialize(deserializer)?;
        let max = Duration::from_secs(DAYS_MAX * 86_400);
        if duration.is_zero() || duration > max {
            let text = "a time here is longer than nothing and at most 366d: write it as in 1h";
            return Err(D::Error::custom(text));
        }
        Ok(duration)
    }
}

/// A whole number of percent.
pub(super) fn percent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = u32::deserialize(deserializer)?;
    if number > 100 {
        return Err(D::Error::custom(format!("{number} is no percentage: write 0 to 100")));
    }
    Ok(number)
}

/// As [`percent`], where it may be left out.
pub(super) fn percent_option<'de, D: Deserializer<'de>>(d: D) -> Result<Option<u32>, D::Error> {
    percent(d).map(Some)
}

/// A number that may not be 0.
pub(super) fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        0 => Err(D::Error::custom("0 makes no sense here: write 1 or more")),
        number => Ok(number),
    }
}

/// As [`positive`], where it may be left out.
pub(super) fn positive_option<'de, D: Deserializer<'de>>(d: D) -> Result<Option<u32>, D::Error> {
    positive(d).map(Some)
}

/// `x`, or `[x, y]`.
pub(super) fn one_or_many<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct OneOrMany<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("one value, or a list of them")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Vec<T>, E> {
            T::deserialize(serde::de::value::StrDeserializer::new(text)).map(|one| vec![one])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Vec<T>, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(list))
        }
    }

    deserializer.deserialize_any(OneOrMany(PhantomData))
}
