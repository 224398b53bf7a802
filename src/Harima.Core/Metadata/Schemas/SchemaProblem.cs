using System.Collections.Frozen;

namespace Harima.Metadata.Schemas;

/// <summary>Where a document departs from its schema, in both languages. Line and column count from 1, columns in characters.</summary>
/// <param name="Path">JSON path of the place; of what is missing where <paramref name="Keyword"/> is <c>required</c>.</param>
/// <param name="Keyword">The keyword of JSON Schema that is not satisfied.</param>
public sealed record SchemaProblem(
    int Line,
    int Column,
    string Path,
    string Keyword,
    string Message,
    string MessageJa,
    string? LabelEn = null,
    string? LabelJa = null
)
{
    /// <summary>Not wrong, only not there yet; a draft may lack it.</summary>
    public bool IsMissing => Keyword is "required" or "dependentRequired" or "dependencies";
}

/// <summary>The sentences; {0} and {1} are values.</summary>
static class SchemaSentences
{
    static readonly FrozenDictionary<string, (string En, string Ja)> Sentences = new Dictionary<
        string,
        (string, string)
    >
    {
        ["false"] = ("Nothing is allowed here.", "ここには何も書けません。"),
        ["type"] = ("Must be {0}, but is {1}.", "{0} でなければなりませんが、{1} です。"),
        ["enum"] = ("Must be one of: {0}.", "次のどれかにしてください: {0}。"),
        ["const"] = ("Must be {0}.", "{0} でなければなりません。"),
        ["multipleOf"] = ("Must be a multiple of {0}.", "{0} の倍数でなければなりません。"),
        ["maximum"] = ("Must be at most {0}.", "{0} 以下でなければなりません。"),
        ["exclusiveMaximum"] = ("Must be less than {0}.", "{0} より小さくなければなりません。"),
        ["minimum"] = ("Must be at least {0}.", "{0} 以上でなければなりません。"),
        ["exclusiveMinimum"] = ("Must be greater than {0}.", "{0} より大きくなければなりません。"),
        ["maxLength"] = ("May have at most {0} characters.", "{0} 文字以内にしてください。"),
        ["minLength"] = ("Must have at least {0} characters.", "{0} 文字以上にしてください。"),
        ["pattern"] = ("Must match the pattern {0}.", "形式 {0} に合っていません。"),
        ["format"] = ("Is not a valid {0}.", "{0} として正しくありません。"),
        ["maxItems"] = ("May have at most {0} items.", "{0} 個以内にしてください。"),
        ["minItems"] = ("Must have at least {0} items.", "{0} 個以上必要です。"),
        ["uniqueItems"] = ("The items must differ from each other.", "同じ項目が二つ以上あります。"),
        ["contains"] = ("Has {1} matching items, but needs {0}.", "条件に合う項目は {1} 個で、{0} 個必要です。"),
        ["maxProperties"] = ("May have at most {0} names.", "項目は {0} 個以内にしてください。"),
        ["minProperties"] = ("Must have at least {0} names.", "項目が {0} 個以上必要です。"),
        ["required"] = ("\"{0}\" is missing.", "「{0}」がありません。"),
        ["dependentRequired"] = (
            "\"{0}\" is missing: it is needed beside \"{1}\".",
            "「{0}」がありません。「{1}」と一緒に必要です。"
        ),
        ["additionalProperties"] = ("The schema knows no \"{0}\" here.", "スキーマには「{0}」がありません。"),
        ["propertyNames"] = ("\"{0}\" is not allowed as a name.", "「{0}」は項目名に使えません。"),
        ["additionalItems"] = ("The schema allows no further item.", "これ以上の項目は書けません。"),
        ["not"] = ("Is what the schema excludes.", "スキーマが除いている値です。"),
        ["anyOf"] = ("Fits none of the {0} allowed forms.", "許された {0} 通りの形のどれにも合いません。"),
        ["oneOf"] = (
            "Fits {1} of {0} forms, but must fit exactly one.",
            "{0} 通りの形のうち {1} 通りに合います。ちょうど一つでなければなりません。"
        ),
        ["$ref"] = ("The schema refers to {0}, which is not in it.", "スキーマが参照する {0} が見つかりません。"),
    }.ToFrozenDictionary();

    static readonly FrozenDictionary<string, (string En, string Ja)> Types = new Dictionary<string, (string, string)>
    {
        ["object"] = ("an object", "オブジェクト"),
        ["array"] = ("a list", "リスト"),
        ["string"] = ("text", "文字列"),
        ["number"] = ("a number", "数値"),
        ["integer"] = ("a whole number", "整数"),
        ["boolean"] = ("true or false", "true または false"),
        ["null"] = ("null", "null"),
    }.ToFrozenDictionary();

    public static (string En, string Ja) Of(string keyword, params string[] values)
    {
        var (en, ja) = Sentences[keyword];
        return (Fill(en, values), Fill(ja, values));
    }

    public static (string En, string Ja) OfType(IReadOnlyList<string> wanted, string found)
    {
        var (en, ja) = Sentences["type"];
        return (
            Fill(
                en,
                [
                    string.Join(
                        " or ",
                        wanted.Select(type => (Types.TryGetValue(type, out var known) ? known.En : type))
                    ),
                    Types[found].En,
                ]
            ),
            Fill(
                ja,
                [
                    string.Join(
                        "・",
                        wanted.Select(type => (Types.TryGetValue(type, out var known) ? known.Ja : type))
                    ),
                    Types[found].Ja,
                ]
            )
        );
    }

    static string Fill(string sentence, string[] values)
    {
        for (var n = 0; n < values.Length; n++)
            sentence = sentence.Replace($"{{{n}}}", values[n], StringComparison.Ordinal);
        return sentence;
    }
}
