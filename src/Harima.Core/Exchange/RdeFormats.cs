using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harima.Exchange;

/// <summary>Research Data Express of NIMS: <c>invoice.json</c>, and the constants of <c>metadata.json</c>.</summary>
/// <remarks>Source: rdetoolkit's invoice_basic_and_sample schema and its sample vocabulary (term ids).</remarks>
static class RdeFormats
{
    /// <summary>General terms of the sample vocabulary and the keys of our sample documents.</summary>
    static readonly (string TermId, string Key)[] Terms =
    [
        ("3adf9874-7bcb-e5f8-99cb-3d6fd9d7b55e", "general_name"),
        ("33c6e9dc-5787-0f96-7683-f39281c60419", "chemical_formula"),
        ("f2d5e89e-01f0-66a2-5d8e-623a4fc31698", "material_name"),
        ("a7a6fc7b-ed46-88b0-bba8-a1e34857a049", "another_name"),
        ("e2d20d02-2e38-2cd3-b1b3-66fdb8a11057", "CAS_number"),
        ("1e70d11d-cbdd-bfd1-9301-9612c29b4060", "purchase_date"),
        ("1d3cab05-3eaa-cb9b-9a3f-20eb0ca26963", "crystalline_state"),
        ("efcf34e7-4308-c195-6691-6f4d28ffc9bb", "crystal_structure"),
        ("e9617207-7f74-ef45-9b05-74eef6e4ecbb", "Pearson_symbol"),
        ("f63149a4-e57c-4273-4c1e-dffa41356d28", "space_group"),
        ("7cc57dfb-8b70-4b3a-5315-fbce4cbf73d0", "shape"),
        ("0444cf53-db47-b208-7b5f-54429291a140", "sample_type"),
        ("efc6a0d5-313e-1871-190c-baaff7d1bf6c", "SMILES"),
        ("9270879d-d94e-4d3f-2d5c-19568e040004", "InChI"),
        ("3edadcff-8a85-51d9-708f-8f76bf055377", "InChI_key"),
        ("dc27a956-263e-f920-e574-5beec912a247", "molecular_weight"),
        ("5e166ac4-bfcd-457a-84bc-8626abe9188f", "supplier"),
        ("0d0417a3-3c3b-496a-b0fb-5a26f8a74166", "lot_number"),
    ];

    public static MetadataFormat Invoice { get; } =
        new("rde-invoice", "application/json", "invoice.json", WriteInvoice, ReadInvoice);

    public static MetadataFormat Metadata { get; } =
        new("rde-metadata", "application/json", "metadata.json", WriteMetadata, ReadMetadata);

    static (string, IReadOnlyList<string>) WriteInvoice(ExchangedSequence sequence)
    {
        var custom = new JsonObject();
        foreach (var value in FlatValues.Of(sequence.Measurement ?? []))
            if (!Own.Any(own => own.Path == value.Path) && !IsBasic(sequence, value))
                Put(custom, value);
        var sample = new JsonObject
        {
            ["sampleId"] = "",
            ["names"] = new JsonArray(),
            ["composition"] = null,
            ["referenceUrl"] = null,
            ["description"] = null,
            ["generalAttributes"] = new JsonArray(),
            ["specificAttributes"] = new JsonArray(),
            ["ownerId"] = "",
        };
        // The first sample becomes RDE's; what it has no term for, and further samples, stay beside it under their own paths.
        var first = sequence.Samples.Count > 0 ? (JsonObject)sequence.Samples[0].DeepClone() : [];
        foreach (var key in (string[])["name", "names"])
            if (first.Remove(key, out var name))
                foreach (var one in name is JsonArray list ? list.ToArray() : [name])
                    ((JsonArray)sample["names"]!).Add(one?.DeepClone());
        foreach (var key in (string[])["composition", "description", "referenceUrl"])
            if (first[key]?.GetValueKind() == JsonValueKind.String && first.Remove(key, out var text))
                sample[key] = text!.DeepClone();
        foreach (var (termId, key) in Terms)
            if (first[key] is JsonValue && first.Remove(key, out var value))
                ((JsonArray)sample["generalAttributes"]!).Add(
                    new JsonObject { ["termId"] = termId, ["value"] = value!.ToString() }
                );
        foreach (var key in (string[])["generalAttributes", "specificAttributes"])
            if (first.Remove(key, out var more) && more is JsonArray attributes)
                foreach (var attribute in attributes)
                    ((JsonArray)sample[key]!).Add(attribute?.DeepClone());
        var rest = new JsonObject
        {
            ["sample"] = new JsonArray([first, .. sequence.Samples.Skip(1).Select(other => other.DeepClone())]),
        };
        foreach (var value in FlatValues.Of(rest).Where(value => value.Value is not JsonObject))
            Put(custom, value);
        var invoice = new JsonObject
        {
            ["datasetId"] = "",
            ["basic"] = new JsonObject
            {
                ["dateSubmitted"] = sequence.Sequence.CreatedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                ["dataOwnerId"] = "",
                ["dataName"] = sequence.Title,
                ["instrumentId"] = null,
                ["experimentId"] = sequence.Sequence.Name,
                ["description"] = sequence.Text("data_info", "description"),
            },
            ["custom"] = custom,
            ["sample"] = sample,
        };
        foreach (var (key, part, path) in Own)
            if (sequence.Text(path.Split('.')) is { } id)
                (part is null ? invoice : (JsonObject)invoice[part]!)[key] = id;
        return (
            invoice.ToJsonString(MetadataFormat.Readable),
            [
                "datasetId, dataOwnerId, instrumentId and ownerId are RDE's own: those an invoice brought, or empty.",
                "The keys of 'custom' are paths; a template of RDE names its own.",
            ]
        );
    }

    /// <summary>What only RDE knows: kept below <c>rde</c> when an invoice brings it, so that it goes back.</summary>
    static readonly (string Key, string? Part, string Path)[] Own =
    [
        ("datasetId", null, "rde.datasetId"),
        ("dateSubmitted", "basic", "rde.dateSubmitted"),
        ("dataOwnerId", "basic", "rde.dataOwnerId"),
        ("instrumentId", "basic", "rde.instrumentId"),
        ("experimentId", "basic", "rde.experimentId"),
        ("sampleId", "sample", "rde.sampleId"),
        ("ownerId", "sample", "rde.ownerId"),
    ];

    /// <summary>What stands in <c>basic</c> and is read from there again.</summary>
    static bool IsBasic(ExchangedSequence sequence, FlatValue value) =>
        value.Value?.GetValueKind() == JsonValueKind.String
        && value.Value.ToString() is { Length: > 0 } text
        && (
            value.Path == "data_info.description" || (value.Path == "data_info.title" && text != sequence.Sequence.Name)
        );

    static void Put(JsonObject custom, FlatValue value)
    {
        custom[value.Path] = value.Value?.DeepClone();
        if (value.Unit is not null)
            custom[value.Path + "_unit"] = value.Unit;
    }

    static ImportedMetadata ReadInvoice(string text)
    {
        var invoice = MetadataFormat.ParseObject(text, "an invoice of RDE");
        var notCarried = new List<LeftOut>();
        var whole = new JsonObject();
        if (invoice["custom"] is JsonObject custom)
            notCarried.AddRange(
                FlatValues.Set(whole, custom.Select(field => new FlatValue(field.Key, field.Value, null)))
            );
        if (invoice["basic"] is JsonObject basic)
        {
            var values = new List<FlatValue>();
            foreach (
                var (key, path) in (ReadOnlySpan<(string, string)>)
                    [("dataName", "data_info.title"), ("description", "data_info.description")]
            )
                // A record without a title bears the name of its sequence, which says nothing.
                if (
                    basic[key]?.GetValueKind() == JsonValueKind.String
                    && Find(whole, path) is null
                    && basic[key]!.ToString() != basic["experimentId"]?.ToString()
                )
                    values.Add(new FlatValue(path, basic[key], null));
            notCarried.AddRange(FlatValues.Set(whole, values));
        }
        notCarried.AddRange(
            FlatValues.Set(
                whole,
                Own.Select(own => new FlatValue(
                        own.Path,
                        (own.Part is null ? invoice : invoice[own.Part] as JsonObject)?[own.Key],
                        null
                    ))
                    // An invoice of ours bears the name of its sequence and the day it was opened, which are no metadata.
                    .Where(own =>
                        own.Value?.GetValueKind() == JsonValueKind.String
                        && own.Value.ToString().Length > 0
                        && (IsOfRde(invoice) || own.Path is not ("rde.experimentId" or "rde.dateSubmitted"))
                    )
            )
        );
        if (invoice["sample"] is JsonObject sample)
            ReadSample(whole, sample, notCarried);
        return MetadataFormat.Split(whole, notCarried);
    }

    static bool IsOfRde(JsonObject invoice) => invoice["datasetId"]?.ToString().Length > 0;

    static void ReadSample(JsonObject whole, JsonObject sample, List<LeftOut> notCarried)
    {
        if (whole["sample"] is not JsonArray list)
        {
            if (whole.Remove("sample"))
                notCarried.Add(
                    LeftOut.Of("custom.sample", "of-invoice", "the sample of the invoice stands in its place.")
                );
            whole["sample"] = list = [];
        }
        if (list.Count == 0)
            list.Add(new JsonObject());
        if (list[0] is not JsonObject first)
            list[0] = first = [];
        if (sample["names"] is JsonArray { Count: > 0 } names)
            first[names.Count == 1 ? "name" : "names"] = names.Count == 1 ? names[0]?.DeepClone() : names.DeepClone();
        foreach (var key in (string[])["composition", "description", "referenceUrl"])
            if (sample[key]?.GetValueKind() == JsonValueKind.String)
                first[key] = sample[key]!.DeepClone();
        foreach (var attribute in (sample["generalAttributes"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var key = Terms.FirstOrDefault(term => term.TermId == attribute["termId"]?.ToString()).Key;
            if (key is not null)
            {
                if (attribute["value"] is { } value)
                    first[key] = value.DeepClone();
            }
            else
                // A term we have no key for is kept as it came, and goes out again as it came.
                Keep("generalAttributes", attribute);
        }
        foreach (var attribute in (sample["specificAttributes"] as JsonArray ?? []).OfType<JsonObject>())
            Keep("specificAttributes", attribute);
        if (first.Count == 0 && list.Count == 1)
            whole.Remove("sample");

        void Keep(string key, JsonObject attribute) =>
            ((JsonArray)(first[key] ??= new JsonArray())).Add(attribute.DeepClone());
    }

    static JsonNode? Find(JsonObject whole, string path)
    {
        JsonNode? at = whole;
        foreach (var key in path.Split('.'))
            at = (at as JsonObject)?[key];
        return at;
    }

    static (string, IReadOnlyList<string>) WriteMetadata(ExchangedSequence sequence)
    {
        var (whole, notCarried) = MetadataFormat.Join(sequence);
        var constant = new JsonObject();
        foreach (var value in FlatValues.Of(whole))
        {
            // RDE keeps at most 1024 bytes of a text.
            if (
                value.Value?.GetValueKind() == JsonValueKind.String
                && System.Text.Encoding.UTF8.GetByteCount(value.Value.GetValue<string>()) > 1024
            )
            {
                notCarried.Add($"{value.Path}: longer than 1024 bytes.");
                continue;
            }
            var entry = new JsonObject { ["value"] = value.Value?.DeepClone() };
            if (value.Unit is not null)
                entry["unit"] = value.Unit;
            constant[value.Path] = entry;
        }
        return (
            new JsonObject { ["constant"] = constant, ["variable"] = new JsonArray() }.ToJsonString(
                MetadataFormat.Readable
            ),
            notCarried
        );
    }

    static ImportedMetadata ReadMetadata(string text)
    {
        var document = MetadataFormat.ParseObject(text, "a metadata.json of RDE");
        var whole = new JsonObject();
        var notCarried = new List<LeftOut>();
        if (document["constant"] is JsonObject constant)
            notCarried.AddRange(
                FlatValues.Set(
                    whole,
                    constant.Select(field => new FlatValue(
                        field.Key,
                        (field.Value as JsonObject)?["value"],
                        (field.Value as JsonObject)?["unit"]?.ToString()
                    ))
                )
            );
        if (document["variable"] is JsonArray { Count: > 0 } variable)
            whole["variable"] = variable.DeepClone();
        return MetadataFormat.Split(whole, notCarried);
    }
}
