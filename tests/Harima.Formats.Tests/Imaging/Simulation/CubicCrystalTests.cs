namespace Harima.Imaging.Simulation;

public sealed class CubicCrystalTests
{
    [Fact]
    public void Ceria_shows_the_lines_of_the_powder_diffraction_file()
    {
        // PDF 34-394, also what a real Pilatus frame of CeO2 integrates to.
        var lines = CubicCrystal.CeO2.Lines(1.2);
        double[] spacings = [.. lines.Take(7).Select(line => Math.Round(line.SpacingAngstrom, 3))];
        Assert.Equal([3.124, 2.706, 1.913, 1.632, 1.562, 1.353, 1.241], spacings);
        Assert.Equal([8, 6, 12, 24, 8, 6, 24], lines.Take(7).Select(line => line.Multiplicity));
    }

    [Fact]
    public void Silicon_shows_111_220_311_400_331_and_not_200_or_222()
    {
        string[] names = [.. CubicCrystal.Silicon.Lines(1.2).Select(line => $"{line.H}{line.K}{line.L}")];
        Assert.Equal(["111", "220", "311", "400", "331"], names);
    }

    [Fact]
    public void A_body_centred_metal_shows_only_even_sums_of_indices() =>
        Assert.All(CubicCrystal.Iron.Lines(0.5), line => Assert.Equal(0, (line.H + line.K + line.L) % 2));

    [Fact]
    public void A_face_centred_metal_shows_only_all_even_or_all_odd_indices() =>
        Assert.All(
            CubicCrystal.Platinum.Lines(0.5),
            line => Assert.True(line.H % 2 == line.K % 2 && line.K % 2 == line.L % 2)
        );

    [Fact]
    public void A_primitive_crystal_shows_every_line_that_three_squares_can_make()
    {
        int[] squares =
        [
            .. CubicCrystal.LaB6.Lines(1.3).Select(line => (line.H * line.H) + (line.K * line.K) + (line.L * line.L)),
        ];
        Assert.Equal([1, 2, 3, 4, 5, 6, 8, 9, 10], squares);
    }

    [Fact]
    public void Planes_that_share_a_spacing_share_a_ring()
    {
        var line = CubicCrystal.Platinum.Lines(0.7).Single(l => (l.H * l.H) + (l.K * l.K) + (l.L * l.L) == 27);
        // 511 has 24 planes, 333 has 8.
        Assert.Equal(32, line.Multiplicity);
    }

    [Fact]
    public void Heating_moves_the_lines_to_smaller_angles()
    {
        var cold = CubicCrystal.CeO2.Lines(1)[0].TwoTheta(0.5);
        var hot = CubicCrystal.CeO2.Heated(11e-6, 800).Lines(1)[0].TwoTheta(0.5);
        Assert.True(hot < cold);
    }

    [Fact]
    public void Planes_closer_than_half_a_wavelength_give_no_ring() =>
        Assert.Null(CubicCrystal.Silicon.Lines(1)[^1].TwoTheta(2.5));
}
