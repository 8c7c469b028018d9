/** Light, camera and canvas for a model in glTF. Nothing is fetched for it, and it is drawn only when something has moved. */

import {
  AmbientLight, Box3, type BufferGeometry, DirectionalLight, FileLoader, LoadingManager, type Material, Mesh, MeshStandardMaterial, type Object3D, PerspectiveCamera, Scene,
  TextureLoader, Vector3, WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";
import { bytesOf, checkModel } from "../../lib/gltf";
import { messageOf } from "../../lib/message";

const SIZE = 480;

export class Stage {
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #camera = new PerspectiveCamera(40, 1);
  readonly #controls: OrbitControls;
  #model: Object3D | null = null;

  /** Error if the browser has no WebGL. */
  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext("webgl2", { antialias: true, alpha: true });
    if (!context) throw new Error("This browser has no WebGL, which draws models.");
    this.#renderer = new WebGLRenderer({ canvas, context });
    this.#renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    this.#renderer.setSize(SIZE, SIZE, false);
    const light = new DirectionalLight(0xffffff, 2);
    light.position.set(1, 2, 3);
    this.#camera.add(light);
    this.#scene.add(this.#camera, new AmbientLight(0xffffff, 1.5));
    this.#controls = new OrbitControls(this.#camera, canvas);
    this.#controls.addEventListener("change", () => this.#draw());
  }

  /** The model in a file. Error if it is damaged or needs other files. */
  async load(content: ArrayBuffer): Promise<Object3D> {
    checkModel(content);
    const manager = new LoadingManager();
    manager.setURLModifier((address) => (/^(data|blob):/.test(address) ? address : "data:,"));
    const loader = new GLTFLoader(manager).register((parser) => {
      parser.fileLoader = new Embedded(manager);
      parser.textureLoader = new TextureLoader(manager);
      return { name: "embedded" };
    });
    try {
      return (await loader.parseAsync(content, "")).scene;
    } catch (problem) {
      throw new Error(`This model cannot be drawn: ${messageOf(problem)}`, { cause: problem });
    }
  }

  /** Puts the model where the camera looks; how many triangles are drawn. Error if there is nothing to see. */
  show(model: Object3D): number {
    const box = new Box3().setFromObject(model);
    const size = box.getSize(new Vector3()).length();
    if (!(size > 0 && size < Infinity)) throw new Error("There is nothing to see in this model.");
    this.#clear();
    this.#model = model;
    this.#scene.add(model);
    // Metal would be black: there is nothing around it to be mirrored.
    for (const material of partsOf(model).flatMap(({ materials }) => materials)) if (material instanceof MeshStandardMaterial) material.metalness = 0;
    const middle = box.getCenter(new Vector3());
    this.#camera.position.copy(middle).add(new Vector3(0.7, 0.5, 1).setLength(1.5 * size));
    [this.#camera.near, this.#camera.far] = [size / 100, size * 100];
    this.#camera.updateProjectionMatrix();
    this.#controls.target.copy(middle);
    this.#controls.update();
    this.#draw();
    return this.#renderer.info.render.triangles;
  }

  turn(around: number, up: number, nearer: number): void {
    this.#controls.rotateLeft(-around);
    this.#controls.rotateUp(-up);
    this.#controls.dollyIn(nearer);
    this.#controls.update();
  }

  close(): void {
    this.#controls.dispose();
    this.#renderer.dispose();
    this.#renderer.forceContextLoss();
  }

  #clear(): void {
    this.#model?.removeFromParent();
    for (const { geometry, materials } of this.#model ? partsOf(this.#model) : []) {
      geometry.dispose();
      for (const material of materials) material.dispose();
    }
  }

  #draw(): void {
    this.#renderer.render(this.#scene, this.#camera);
  }
}

function partsOf(model: Object3D): { geometry: BufferGeometry; materials: Material[] }[] {
  const parts: Mesh[] = [];
  model.traverse((part) => void (part instanceof Mesh && parts.push(part)));
  return parts.map(({ geometry, material }) => ({ geometry, materials: [material].flat() }));
}

/** Takes buffers out of `data:` addresses; the page's policy lets nothing be fetched from there. */
class Embedded extends FileLoader {
  override load(address: string, done?: (bytes: ArrayBuffer) => void): undefined {
    done?.(bytesOf(address));
  }
}
