using Harima.Metadata;

namespace Harima.Core.Tests.Metadata;

public sealed class MetadataValuesTests
{
    static IReadOnlyList<MetadataValue> Of(string json, MetadataKind kind = MetadataKind.Measurement) =>
        MetadataValues.Of(kind, json);

    [Theory]
    [InlineData("""{"measurement":{"energy":{"value":11.5,"unit":"keV"}}}""")]
    [InlineData("""{"measurement":{"energy":{"v":11.5,"u":"keV"}}}""")]
    [InlineData("""{"measurement":{"energy":{"value":11.5,"@units":"keV"}}}""")]
    [InlineData("""{"measurement":{"energy":11.5,"energy_unit":"keV"}}""")]
    [InlineData("""{"measurement":{"energy_unit":"keV","energy":11.5}}""")]
    [InlineData("""{"measurement":[{"energy":11.5,"energy@units":"keV"}]}""")]
    [InlineData("""{"@measurement@energy":11.5,"@measurement@energy_unit":"keV"}""")]
    public void Every_way_of_writing_a_unit_gives_the_same_value(string json)
    {
        var value = Assert.Single(Of(json));
        Assert.Equal("measurement.energy", value.Path);
        Assert.Equal((11.5, "keV", "J"), (value.Number!.Value, value.Unit, value.SiUnit));
        Assert.Equal(1.8425031291e-15, value.SiNumber!.Value, 1e-28);
    }

    [Fact]
    public void Paths_drop_array_places_and_a_samples_are_put_below_sample()
    {
        const string json = """{"sample":[{"name":"Silver","tags":["foil","標準試料"]}],"note":"x"}""";
        Assert.Equal(
            ["sample.name Silver", "sample.tags foil", "sample.tags 標準試料", "sample.note x"],
            Of(json, MetadataKind.Sample).Select(value => $"{value.Path} {value.Text}")
        );
        Assert.Equal("sampleholder", Of("""{"sampleholder":1}""")[0].Path);
        Assert.Equal("sample.sampleholder", Of("""{"sampleholder":1}""", MetadataKind.Sample)[0].Path);
    }

    [Fact]
    public void An_unknown_unit_is_kept_beside_the_number()
    {
        var value = Assert.Single(Of("""{"intensity":3.2,"intensity_unit":"a.u."}"""));
        Assert.Equal(new MetadataValue("intensity", null, 3.2, "a.u.", null, null), value);
    }

    [Fact]
    public void What_stands_beside_value_and_unit_is_not_lost()
    {
        var values = Of("""{"energy":{"value":[7.1,8],"unit":"keV","error":0.5},"lonely_unit":"mm"}""");
        Assert.Equal(
            ["energy 7.1 keV", "energy 8 keV", "energy.error 0.5 ", "lonely_unit  mm"],
            values.Select(value =>
                FormattableString.Invariant($"{value.Path} {value.Number} {value.Unit ?? value.Text}")
            )
        );
    }

    [Fact]
    public void A_number_in_a_text_counts_only_where_a_unit_is_known_for_it()
    {
        static string? UnitOf(string path) => path == "custom.energy" ? "keV" : null;
        const string json =
            """{"custom":{"energy":"11500 eV","lot":"0042","energy2":"11 keV"},"run":{"value":"3.5","unit":"s"}}""";
        var values = MetadataValues.Of(MetadataKind.Measurement, json, UnitOf);
        Assert.Equal(11500, values[0].Number);
        Assert.Equal("eV", values[0].Unit);
        Assert.Equal("11500 eV", values[0].Text);
        Assert.Null(values[1].Number);
        Assert.Null(values[2].Number);
        Assert.Equal(3.5, values[3].SiNumber);
        var plain = MetadataValues.Of(MetadataKind.Measurement, """{"custom":{"energy":11.5}}""", UnitOf);
        Assert.Equal(("keV", "J"), (plain[0].Unit, plain[0].SiUnit));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{\"a\":")]
    [InlineData("null")]
    public void What_is_no_json_object_has_no_values(string json) => Assert.Empty(Of(json));

    [Fact]
    public void Nothing_and_empty_text_are_not_values_but_false_is()
    {
        var value = Assert.Single(Of("""{"a":null,"b":"","c":false,"d":{},"e":[]}"""));
        Assert.Equal(("c", "false"), (value.Path, value.Text));
    }

    [Fact]
    public void The_monochromator_of_a_real_BL14B2_measurement_is_in_angstrom_and_degrees()
    {
        // From the published example of the SPring-8 schema (matumot/metadata-schema, sp8_xafs).
        const string json = """
            {"instrument":{"monochrometer":{"net_plane":"Si(111)","distance":3.13551,"distance_unit":"A",
             "section":[{"start_energy":4.51,"start_energy_unit":"deg","dwell_time":50.0,"dwell_time_unit":"ms"}]}},
             "facility":{"ring":{"start_current":99.5,"start_current_unit":"mA"}}}
            """;
        var values = Of(json).ToDictionary(value => value.Path);
        Assert.Equal(3.13551e-10, values["instrument.monochrometer.distance"].SiNumber);
        Assert.Equal("rad", values["instrument.monochrometer.section.start_energy"].SiUnit);
        Assert.Equal(0.05, values["instrument.monochrometer.section.dwell_time"].SiNumber);
        Assert.Equal(0.0995, values["facility.ring.start_current"].SiNumber);
    }

    [Fact]
    public void What_half_a_character_stands_in_is_told_all_the_same_and_so_is_everything_beside_it()
    {
        var values = MetadataValues.Of(
            MetadataKind.Measurement,
            """{"a": "x\ud83d", "\ude00b": 1, "whole": "\ud83d\ude00", "written": "\\ud83d", "last": "\ud83d"}"""
        );
        Assert.Equal(
            [("a", "x\ufffd"), ("\ufffdb", null), ("whole", "😀"), ("written", "\\ud83d"), ("last", "\ufffd")],
            values.Select(value => (value.Path, value.Text))
        );
    }
}
