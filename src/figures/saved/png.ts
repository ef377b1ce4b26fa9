/** Draws an SVG at twice the size of the screen's pixels. What it is drawn from is the saved SVG itself, so the two cannot differ. */
export async function pngOf(svg: string, scale = 2): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    // The fonts inside are read after that, and a text without its font is not drawn.
    await new Promise((resolve) => setTimeout(resolve, 250));
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: image.naturalWidth * scale, height: image.naturalHeight * scale });
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => {
        if (blob) resolve(blob);
        else reject(new Error('This browser could not write the picture.'));
      });
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
