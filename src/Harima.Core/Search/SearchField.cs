using System.Collections.Frozen;
using Harima.Search.Text;

namespace Harima.Search;

/// <summary>How the values of a field are written in a question and compared.</summary>
public enum FieldKind
{
    /// <summary>Whole values, without regard to case and width; <c>*</c> stands for anything.</summary>
    Keyword,

    /// <summary>Words anywhere in it.</summary>
    Text,

    /// <summary>A point in time; a year, month or day is all of it, in Japanese time.</summary>
    Time,

    /// <summary>A number of bytes: 1.5GB, 100MiB.</summary>
    Bytes,

    /// <summary>A number without a unit.</summary>
    Count,

    /// <summary>A number with a unit, compared in SI.</summary>
    Quantity,

    /// <summary>A chemical element by symbol or name, in Japanese or English.</summary>
    Element,

    /// <summary>The path of a file, or its name alone.</summary>
    File,
}

/// <summary>A short name of the query language.</summary>
/// <param name="Index">The field of the index.</param>
/// <param name="Unit">For a quantity: what a number without unit is in.</param>
/// <param name="SiUnit">For a quantity: the unit it is kept in.</param>
/// <param name="PathEnds">For a quantity: the last names of metadata paths it is taken from.</param>
public sealed record SearchField(
    string Name,
    FieldKind Kind,
    string Index,
    IReadOnlyList<string> Aliases,
    bool IsFacet = false,
    string? Unit = null,
    string? SiUnit = null,
    IReadOnlyList<string>? PathEnds = null
);

/// <summary>The one table of short names. Every other name in a question is a path of the metadata.</summary>
public static class SearchFields
{
    public static IReadOnlyList<SearchField> All { get; } =
    [
        new("id", FieldKind.Keyword, IndexField.Id, ["sequence", "シーケンス"]),
        new("proposal", FieldKind.Keyword, IndexField.Proposal, ["課題", "課題番号"], IsFacet: true),
        new("title", FieldKind.Text, IndexField.Title, ["課題名"]),
        new("beamline", FieldKind.Keyword, IndexField.Beamline, ["ビームライン"], IsFacet: true),
        new("owner", FieldKind.Keyword, IndexField.Owner, ["所有者", "登録者"], IsFacet: true),
        new("status", FieldKind.Keyword, IndexField.Status, ["state", "状態"], IsFacet: true),
        new("visibility", FieldKind.Keyword, IndexField.Visibility, ["公開"], IsFacet: true),
        new("technique", FieldKind.Keyword, IndexField.Technique, ["method", "手法", "測定手法"], IsFacet: true),
        new("sample", FieldKind.Text, IndexField.Sample, ["試料"]),
        new("ancestor", FieldKind.Text, IndexField.SampleId, ["祖先試料", "元試料"]),
        new("element", FieldKind.Element, IndexField.Element, ["元素"], IsFacet: true),
        new("keyword", FieldKind.Keyword, IndexField.Keyword, ["キーワード"], IsFacet: true),
        new("tag", FieldKind.Keyword, IndexField.Tag, ["タグ"], IsFacet: true),
        new("rating", FieldKind.Count, IndexField.Rating, ["stars", "評価"]),
        new("comment", FieldKind.Text, IndexField.Comment, ["コメント"]),
        new("date", FieldKind.Time, IndexField.Date, ["measured", "日付", "測定日"]),
        new("year", FieldKind.Keyword, IndexField.Year, ["年", "年度"], IsFacet: true),
        new("created", FieldKind.Time, IndexField.Created, ["登録日"]),
        new("closed", FieldKind.Time, IndexField.Closed, ["確定日"]),
        new("size", FieldKind.Bytes, IndexField.Size, ["サイズ", "容量"]),
        new("files", FieldKind.Count, IndexField.FileCount, ["ファイル数"]),
        new("file", FieldKind.File, IndexField.File, ["ファイル", "ファイル名"]),
        new("type", FieldKind.Keyword, IndexField.FileType, ["ext", "filetype", "拡張子", "種類"], IsFacet: true),
        new("schema", FieldKind.Keyword, IndexField.Schema, ["スキーマ"], IsFacet: true),
        new("valid", FieldKind.Keyword, IndexField.Valid, ["妥当"], IsFacet: true),
        Quantity(
            "energy",
            "keV",
            "J",
            ["エネルギー"],
            "energy",
            "start_energy",
            "end_energy",
            "incident_energy",
            "photon_energy"
        ),
        Quantity("wavelength", "Å", "m", ["波長"], "wavelength", "incident_wavelength"),
        Quantity("temperature", "K", "K", ["温度"], "temperature", "sample_temperature"),
        Quantity("pressure", "Pa", "Pa", ["圧力"], "pressure"),
        Quantity("exposure", "s", "s", ["露光時間"], "exposure", "exposure_time", "count_time"),
        Quantity("distance", "mm", "m", ["カメラ長"], "detector.distance", "camera_length", "sample_detector_distance"),
    ];

    static readonly FrozenDictionary<string, SearchField> ByName = All.SelectMany(field =>
            field.Aliases.Append(field.Name).Select(name => (Name: TextFolding.Fold(name), field))
        )
        .ToFrozenDictionary(pair => pair.Name, pair => pair.field, StringComparer.Ordinal);

    /// <summary>By its short name, in any case and either language; null for a path of the metadata.</summary>
    public static SearchField? Find(string name) => ByName.GetValueOrDefault(TextFolding.Fold(name));

    static SearchField Quantity(
        string name,
        string unit,
        string siUnit,
        IReadOnlyList<string> aliases,
        params string[] pathEnds
    ) => new(name, FieldKind.Quantity, name, aliases, Unit: unit, SiUnit: siUnit, PathEnds: pathEnds);
}
