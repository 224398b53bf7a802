using System.Text;

namespace Harima.Metadata.Schemas;

/// <summary>The schemas Harima ships, embedded beside this file. A changed file becomes the next version at the next start.</summary>
static class BuiltInSchemas
{
    static readonly (string Id, MetadataKind Kind, string Technique)[] Shipped =
    [
        ("measurement", MetadataKind.Measurement, ""),
        ("xafs", MetadataKind.Measurement, "XAFS"),
        ("powder-diffraction", MetadataKind.Measurement, "powder diffraction"),
        ("single-crystal-diffraction", MetadataKind.Measurement, "single-crystal diffraction"),
        ("saxs", MetadataKind.Measurement, "SAXS"),
        ("imaging", MetadataKind.Measurement, "tomography"),
        ("serial-crystallography", MetadataKind.Measurement, "serial crystallography"),
        ("sample", MetadataKind.Sample, ""),
    ];

    public static IReadOnlyList<RegisterSchemaRequest> All { get; } =
    [
        .. Shipped.Select(one => new RegisterSchemaRequest(
            one.Id,
            one.Kind,
            one.Technique,
            "",
            null,
            null,
            Read(one.Id),
            IsGeneral: one.Id is "measurement" or "sample"
        )),
    ];

    static string Read(string id)
    {
        using var stream = typeof(BuiltInSchemas).Assembly.GetManifestResourceStream($"schema.{id}.json")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
